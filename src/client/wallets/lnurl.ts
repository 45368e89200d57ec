import { matchesPaymentHash, readInvoice, toHex } from "../tips/invoice.js";
import { AddressProblem } from "./address-problem.js";
import { type Answer, fetchAnswer, unusable } from "./lnurl-fetch.js";
import { serviceUrl } from "./recognize.js";
import type { InvoiceTerms } from "./wallet.js";

/** What a payee's service accepts (LUD-06). */
export interface PayRequest {
  callback: URL;
  minMsat: number;
  maxMsat: number;
  /** Invoices with a hash of their description have the hash of this text. */
  metadata: string;
  /** The longest comment, in characters (LUD-12). */
  commentAllowed: number;
}

/** An invoice, and where to ask whether it was paid if the service tells (LUD-21). */
export interface FetchedInvoice {
  invoice: string;
  verify: URL | undefined;
}

/** Asks the service of an address what it accepts. @throws AddressProblem */
export async function fetchPayRequest(url: URL): Promise<PayRequest> {
  const answer = await fetchAnswer(url);
  const [minMsat, maxMsat] = [Number(answer.minSendable), Number(answer.maxSendable)];
  const { tag, metadata, callback } = answer;
  const target = typeof callback === "string" ? serviceUrl(callback) : undefined;
  if (tag !== "payRequest") throw unusable(url, "does not take payments at this address");
  const isRange = minMsat >= 1 && maxMsat >= minMsat;
  if (!target || !isRange || typeof metadata !== "string" || !hasPlainText(metadata)) {
    throw unusable(url, "does not describe its payments as it should");
  }
  return { callback: target, minMsat, maxMsat, metadata, commentAllowed: Number(answer.commentAllowed) || 0 };
}

/**
 * Gets an invoice of exactly the amount, and verifies it. The signature is left to the server and the payer's wallet.
 * @throws AddressProblem
 */
export async function fetchInvoice(request: PayRequest, terms: InvoiceTerms): Promise<FetchedInvoice> {
  checkAmount(request, terms.amountMsat);
  const url = new URL(request.callback);
  url.searchParams.set("amount", String(terms.amountMsat));
  const isShort = Array.from(terms.memo).length <= request.commentAllowed;
  if (terms.memo !== "" && isShort) url.searchParams.set("comment", terms.memo);
  const answer = await fetchAnswer(url);
  const invoice = typeof answer.pr === "string" ? answer.pr.toLowerCase() : "";
  const problem = await problemOf(invoice, request, terms);
  if (problem !== undefined) throw new AddressProblem("address_wrong", `${url.host} ${problem}.`);
  return { invoice, verify: typeof answer.verify === "string" ? serviceUrl(answer.verify) : undefined };
}

/** Whether the service says that an invoice of its own was paid (LUD-21). @throws AddressProblem */
export async function isSettled(verify: URL, invoice: string, signal: AbortSignal): Promise<boolean> {
  const answer = await fetchAnswer(verify, signal);
  return answer.settled === true && isAbout(answer, invoice) && (await hasNoWrongProof(answer, invoice));
}

/** Services that leave the invoice out answer for the one in the URL. */
function isAbout({ pr }: Answer, invoice: string): boolean {
  return pr === undefined || pr === null || (typeof pr === "string" && pr.toLowerCase() === invoice);
}

/** The preimage is optional; a wrong one shows that the answer is about something else. */
async function hasNoWrongProof({ preimage }: Answer, invoice: string): Promise<boolean> {
  if (preimage === undefined || preimage === null || preimage === "") return true;
  return typeof preimage === "string" && matchesPaymentHash(preimage, invoice);
}

function checkAmount({ minMsat, maxMsat }: PayRequest, amountMsat: number): void {
  const sats = (msat: number): string => `${String(msat / 1_000)} sats`;
  if (amountMsat % 1_000 !== 0) {
    throw new AddressProblem("address_limits", "A lightning address takes whole satoshis only.");
  }
  if (amountMsat >= minMsat && amountMsat <= maxMsat) return;
  const range = `from ${sats(minMsat)} to ${sats(maxMsat)}`;
  throw new AddressProblem("address_limits", `This lightning address takes amounts ${range}.`);
}

/** What is wrong with an invoice, undefined if nothing is. Completes "the service …". */
async function problemOf(invoice: string, { metadata }: PayRequest, terms: InvoiceTerms): Promise<string | undefined> {
  const facts = readInvoice(invoice);
  if (!facts?.paymentHash) return "sent no valid invoice";
  if (facts.unpayable !== undefined) return "sent an invoice that no wallet may pay";
  if (terms.network !== undefined && facts.network !== terms.network) return "is on another network than this server";
  if (facts.amountMsat !== terms.amountMsat) return "sent an invoice for another amount";
  if (facts.expiresMs <= Date.now()) return "sent an invoice that has expired";
  const hash = facts.descriptionHash && (await hashOf(new TextEncoder().encode(metadata)));
  return hash !== undefined && hash !== facts.descriptionHash ? "sent an invoice for something else" : undefined;
}

/** `metadata` is a list of lists, one of which has the description in plain text. */
function hasPlainText(metadata: string): boolean {
  try {
    const entries: unknown = JSON.parse(metadata);
    const isText = (entry: unknown) =>
      Array.isArray(entry) && entry[0] === "text/plain" && typeof entry[1] === "string";
    return Array.isArray(entries) && entries.filter(isText).length === 1;
  } catch {
    return false;
  }
}

/** In hexadecimal; undefined where the browser cannot hash (insecure pages). */
async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  const { subtle } = crypto as { subtle?: SubtleCrypto };
  return subtle && toHex(new Uint8Array(await subtle.digest("SHA-256", bytes)));
}
