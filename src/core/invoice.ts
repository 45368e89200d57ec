import { decode } from "bolt11";
import { DomainError } from "./errors.js";

export type LightningNetwork = "bitcoin" | "testnet" | "signet" | "regtest";

/** An invoice whose signature was checked. */
export interface Invoice {
  /** As it came, in lower case. */
  text: string;
  /** SHA-256 of the preimage that its payment reveals, in hexadecimal. */
  paymentHash: string;
  amountMsat: number;
  expiresMs: number;
}

/** Why an invoice is refused. */
export type InvoiceProblem = "malformed" | "signature" | "network" | "amount" | "expired" | "expiry";

/** Payers need at least so long, in milliseconds. */
export const MIN_EXPIRY_MS = 15_000;
/** An invoice may live so long from when it was made, in milliseconds: its payment hash must be remembered for longer. */
export const MAX_EXPIRY_MS = 24 * 60 * 60_000;
/** Clocks of wallets may go ahead so far, in milliseconds. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** What BOLT 11 assumes when an invoice does not say how long it lives. */
const DEFAULT_EXPIRY_MS = 3600_000;

/** What an invoice may say more than once: ways to the node, addresses to fall back on, and what BOLT 11 does not know. */
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
 * Reads an invoice (BOLT 11) and holds it against what it is for. The signature is checked: if the invoice names its
 * node, against that; if not, it must recover some node's key, as BOLT 11 has it, and only paying shows whether that node exists.
 * @throws DomainError `field_invalid` whose `problem` is an `InvoiceProblem`
 */
export function parseInvoice(text: string, { network, amountMsat }: InvoiceTerms, nowMs: number): Invoice {
  const { tags, tagsObject, millisatoshis, timestamp, timeExpireDate } = readInvoice(text, network);
  const said = tags.map(({ tagName }) => tagName).filter((name) => !repeatable.has(name));
  if (new Set(said).size < said.length) refuse("malformed", "says something twice");
  const paymentHash = tagsObject.payment_hash ?? "";
  if (!/^[0-9a-f]{64}$/.test(paymentHash)) refuse("malformed", "has no payment hash");
  if (!millisatoshis) refuse("amount", "names no amount");
  if (millisatoshis !== String(amountMsat)) {
    refuse("amount", `is about ${millisatoshis} msat, the tip about ${String(amountMsat)}`);
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
  if (createdMs > nowMs + CLOCK_SKEW_MS) refuse("expiry", "was made in the future");
  if (expiresMs > createdMs + MAX_EXPIRY_MS) refuse("expiry", "lives too long; at most 24 hours are allowed");
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
    if (isForged) refuse("signature", "is not signed by the node that it names");
    return refuse("malformed", "is not an invoice as BOLT 11 has it");
  }
}

function refuse(problem: InvoiceProblem, what: string): never {
  throw new DomainError("field_invalid", `invoice: ${what}`, { field: "invoice", problem });
}
