import { type Bolt11, decodeBolt11 } from "./bolt11.js";
import { refuseInvoice } from "./invoice-problem.js";

export type { InvoiceProblem } from "./invoice-problem.js";
export type LightningNetwork = "bitcoin" | "testnet" | "signet" | "regtest";

/** An invoice with a verified signature. */
export interface Invoice {
  /** The invoice itself, in lower case. */
  text: string;
  /** SHA-256 of the preimage that the payment reveals, in hexadecimal. */
  paymentHash: string;
  amountMsat: number;
  /** Until when the payer may pay it: until it expires, but for `MAX_PAYABLE_MS` at most. */
  expiresMs: number;
  /** When it expires: until then, its payee's node accepts payments. Unset in tips of earlier versions: `expiresMs`. */
  validUntilMs?: number;
}

/** The minimum time to pay an invoice, in milliseconds. */
export const MIN_EXPIRY_MS = 15_000;
/** How long the payer may take at most, in milliseconds. */
export const MAX_PAYABLE_MS = 24 * 60 * 60_000;
/** The maximum lifetime of an invoice, in milliseconds: its payment hash must be remembered for longer. */
export const MAX_EXPIRY_MS = 30 * 24 * 60 * 60_000;
/**
 * For how many blocks the last hop may hold a payment: about two weeks. Payers' nodes refuse longer ones, as the amount
 * would be locked up for that time.
 */
export const MAX_FINAL_DELTA_BLOCKS = 2_016;
/** How far a wallet's clock may be ahead, in milliseconds. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** The default lifetime of an invoice in BOLT 11. */
const DEFAULT_EXPIRY_MS = 3600_000;

/** The features that BOLT 9 allows in invoices, and those that it assumes of every node, as even bits. */
const knownFeatures = new Set([0, 8, 12, 14, 16, 24, 36, 44, 48]);

const currencies = {
  bitcoin: "bc",
  testnet: "tb",
  signet: "tbs",
  regtest: "bcrt",
} satisfies Record<LightningNetwork, string>;

export interface InvoiceTerms {
  network: LightningNetwork;
  amountMsat: number;
}

/**
 * Parses an invoice (BOLT 11) and checks it against its terms, and against what a payer's node must refuse. The
 * signature is verified: against the node if the invoice names one; otherwise it must recover some node's key, and only
 * payment shows whether that node exists. Route hints are left to the payer's node.
 * @throws DomainError `field_invalid` whose `problem` is an `InvoiceProblem`
 */
export function parseInvoice(text: string, { network, amountMsat }: InvoiceTerms, nowMs: number): Invoice {
  checkNetwork(text, network);
  const decoded = decodeBolt11(text);
  if (decoded.currency !== currencies[network]) refuseInvoice("malformed", "is for an unknown network");
  const { paymentHash } = decoded;
  if (paymentHash === undefined) refuseInvoice("malformed", "has no payment hash");
  checkPayable(decoded);
  checkAmount(decoded.amountMsat, amountMsat);
  const { createdMs, expirySeconds } = decoded;
  const validUntilMs = createdMs + (expirySeconds === undefined ? DEFAULT_EXPIRY_MS : expirySeconds * 1000);
  checkTimes(createdMs, validUntilMs, nowMs);
  const expiresMs = Math.min(validUntilMs, nowMs + MAX_PAYABLE_MS);
  return { text: text.toLowerCase(), paymentHash, amountMsat, expiresMs, validUntilMs };
}

function checkNetwork(text: string, network: LightningNetwork): void {
  const own = currencies[network];
  const named = /^ln(bcrt|bc|tbs|tb)(?=\d|1)/i.exec(text)?.[1]?.toLowerCase();
  if (named !== undefined && named !== own) {
    refuseInvoice("network", `is for another network; this server uses ${network}, whose invoices begin with ln${own}`);
  }
}

/** Refuses what BOLT 11 forbids to pay. */
function checkPayable(invoice: Bolt11): void {
  const { hasSecret, hasDescription, hasDescriptionHash, requiredFeatures, finalDeltaBlocks = 0 } = invoice;
  if (!hasSecret) refuseInvoice("secret", "has no payment secret, so no wallet may pay it");
  if (!hasDescription && !hasDescriptionHash) refuseInvoice("description", "has neither a description nor its hash");
  if (hasDescription && hasDescriptionHash) refuseInvoice("description", "has both a description and a hash of one");
  const unknown = requiredFeatures.filter((bit) => !knownFeatures.has(bit));
  if (unknown.length > 0) {
    refuseInvoice("features", `requires features that wallets do not know: ${unknown.slice(0, 8).join(", ")}`);
  }
  if (finalDeltaBlocks > MAX_FINAL_DELTA_BLOCKS) {
    const [most, asked] = [String(MAX_FINAL_DELTA_BLOCKS), String(finalDeltaBlocks)];
    refuseInvoice("delta", `asks the payer to lock up the amount for ${asked} blocks; at most ${most} are allowed`);
  }
}

function checkAmount(amountMsat: bigint | undefined, wantedMsat: number): void {
  if (amountMsat === undefined) refuseInvoice("amount", "has no amount");
  if (amountMsat !== BigInt(wantedMsat)) {
    refuseInvoice("amount", `is for ${String(amountMsat)} msat, but the tip is for ${String(wantedMsat)} msat`);
  }
}

function checkTimes(createdMs: number, validUntilMs: number, nowMs: number): void {
  if (validUntilMs <= nowMs) refuseInvoice("expired", "has expired");
  if (validUntilMs < nowMs + MIN_EXPIRY_MS)
    refuseInvoice("expiry", "expires too soon to be paid; at least 15 seconds are needed");
  if (createdMs > nowMs + CLOCK_SKEW_MS) refuseInvoice("expiry", "is dated in the future");
  if (validUntilMs > createdMs + MAX_EXPIRY_MS)
    refuseInvoice("expiry", "is valid for too long; at most 30 days are allowed");
}
