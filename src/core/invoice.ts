import { decode } from "bolt11";
import { DomainError } from "./errors.js";

export type LightningNetwork = "bitcoin" | "testnet" | "signet" | "regtest";

/** An invoice with a verified signature. */
export interface Invoice {
  /** The invoice itself, in lower case. */
  text: string;
  /** SHA-256 of the preimage that the payment reveals, in hexadecimal. */
  paymentHash: string;
  amountMsat: number;
  expiresMs: number;
}

/** Why an invoice is refused. */
export type InvoiceProblem = "malformed" | "signature" | "network" | "amount" | "expired" | "expiry";

/** The minimum time to pay an invoice, in milliseconds. */
export const MIN_EXPIRY_MS = 15_000;
/** The maximum lifetime of an invoice, in milliseconds: its payment hash must be remembered for longer. */
export const MAX_EXPIRY_MS = 24 * 60 * 60_000;
/** How far a wallet's clock may be ahead, in milliseconds. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** The default lifetime of an invoice in BOLT 11. */
const DEFAULT_EXPIRY_MS = 3600_000;

/** Fields that an invoice may repeat: route hints, fallback addresses, and fields unknown to BOLT 11. */
const repeatable = new Set(["routing_info", "fallback_address", "unknownTag"]);

const testAddresses = { pubKeyHash: 0x6f, scriptHash: 0xc4, validWitnessVersions: [0, 1] };
const networks = {
  bitcoin: { bech32: "bc", pubKeyHash: 0, scriptHash: 5, validWitnessVersions: [0, 1] },
  testnet: { bech32: "tb", ...testAddresses },
  signet: { bech32: "tbs", ...testAddresses },
  regtest: { bech32: "bcrt", ...testAddresses },
} satisfies Record<LightningNetwork, object>;

export interface InvoiceTerms {
  network: LightningNetwork;
  amountMsat: number;
}

/**
 * Parses an invoice (BOLT 11) and checks it against its terms. The signature is verified: against the node if the
 * invoice names one; otherwise it must recover some node's key, as BOLT 11 requires, and only payment shows whether
 * that node exists.
 * @throws DomainError `field_invalid` whose `problem` is an `InvoiceProblem`
 */
export function parseInvoice(text: string, { network, amountMsat }: InvoiceTerms, nowMs: number): Invoice {
  const { tags, tagsObject, millisatoshis, timestamp, timeExpireDate } = readInvoice(text, network);
  const tagNames = tags.map(({ tagName }) => tagName).filter((name) => !repeatable.has(name));
  if (new Set(tagNames).size < tagNames.length) refuse("malformed", "repeats a field");
  const paymentHash = tagsObject.payment_hash ?? "";
  if (!/^[0-9a-f]{64}$/.test(paymentHash)) refuse("malformed", "has no payment hash");
  if (!millisatoshis) refuse("amount", "has no amount");
  if (millisatoshis !== String(amountMsat)) {
    refuse("amount", `is for ${millisatoshis} msat, but the tip is for ${String(amountMsat)} msat`);
  }
  const createdMs = (timestamp ?? 0) * 1000;
  const expiresMs = timeExpireDate === undefined ? createdMs + DEFAULT_EXPIRY_MS : timeExpireDate * 1000;
  checkTimes(createdMs, expiresMs, nowMs);
  return { text: text.toLowerCase(), paymentHash, amountMsat, expiresMs };
}

function checkTimes(createdMs: number, expiresMs: number, nowMs: number): void {
  if (expiresMs <= nowMs) refuse("expired", "has expired");
  if (expiresMs < nowMs + MIN_EXPIRY_MS)
    refuse("expiry", "expires too soon to be paid; at least 15 seconds are needed");
  if (createdMs > nowMs + CLOCK_SKEW_MS) refuse("expiry", "is dated in the future");
  if (expiresMs > createdMs + MAX_EXPIRY_MS) refuse("expiry", "is valid for too long; at most 24 hours are allowed");
}

function readInvoice(text: string, network: LightningNetwork): ReturnType<typeof decode> {
  const own = networks[network].bech32;
  const named = /^ln(bcrt|bc|tbs|tb)(?=\d|1)/i.exec(text)?.[1]?.toLowerCase();
  if (named !== undefined && named !== own) {
    refuse("network", `is for another network; this server uses ${network}, whose invoices begin with ln${own}`);
  }
  try {
    return decode(text, networks[network]);
  } catch (error) {
    const isForged = error instanceof Error && /signature|recover/i.test(error.message);
    if (isForged) refuse("signature", "has an invalid signature");
    return refuse("malformed", "is not a valid BOLT 11 invoice");
  }
}

function refuse(problem: InvoiceProblem, what: string): never {
  throw new DomainError("field_invalid", `invoice: ${what}`, { field: "invoice", problem });
}
