import { createHash } from "node:crypto";
import { DomainError } from "./errors.js";
import type { AddressKey, MatchId, NetworkKey, SessionId, TipId } from "./ids.js";
import type { Invoice } from "./invoice.js";
import { limits } from "./limits.js";
import { widestOf } from "./network-key.js";

export type TipState = "offered" | "invoiced" | "settled" | "declined" | "cancelled" | "expired";

/** A tip from one session to another. It only ever changes by the functions below. */
export interface Tip {
  id: TipId;
  matchId: MatchId;
  payerId: SessionId;
  payeeId: SessionId;
  /** In thousandths of a satoshi; exact, as the largest is far below 2^53. */
  amountMsat: number;
  /** The payer's words; may be empty. Never logged. */
  comment: string;
  state: TipState;
  createdMs: number;
  /** When it came to its state. */
  changedMs: number;
  /** When it expires by itself while it is open. */
  deadlineMs: number;
  /** The payee's invoice, from `invoiced` on. */
  invoice?: Invoice;
  /** What settled it: its SHA-256 is the payment hash. In hexadecimal. Never logged. */
  preimage?: string;
}

/** A tip as one of its sides is told of it: not who the other is, nor what proves the payment. */
export interface TipNews extends Omit<Tip, "payerId" | "payeeId" | "preimage" | "changedMs"> {
  role: "payer" | "payee";
}

/** How many tips the books take. What is beyond it is refused; those that are in the books go on. */
export interface TipBudget {
  /** Open ones of a payer. */
  open: number;
  /** Of the payer's network in a day (UTC). */
  ofNetwork: number;
  /** All that are kept. */
  all: number;
}

export const tipBudget: TipBudget = { open: limits.openTips, ofNetwork: limits.tipsOfNetwork, all: limits.keptTips };

/**
 * The networks whose budget a tip takes from: the widest of its payer. Not the payee's, who cannot keep anybody from
 * offering: a stranger's offers would use up what the payee may give and be given.
 */
export function networksOf(payerKey: NetworkKey): readonly AddressKey[] {
  return [widestOf(payerKey)];
}

/** How long a payee has to answer with an invoice, in milliseconds. */
export const INVOICE_MS = 2 * 60_000;
/** How long after its invoice expired a tip may still be confirmed, in milliseconds: a payment may be under way. */
export const LATE_PAYMENT_MS = 60 * 60_000;
/** How long settled tips are kept, in milliseconds. */
export const SETTLED_KEPT_MS = 400 * 24 * 60 * 60_000;
/** How long other tips are kept after their end, in milliseconds: longer than any invoice lives, so that none comes twice. */
export const UNSETTLED_KEPT_MS = 2 * 24 * 60 * 60_000;

type Offer = Pick<Tip, "id" | "matchId" | "payerId" | "payeeId" | "amountMsat" | "comment">;

export function offered(offer: Offer, nowMs: number): Tip {
  const { id, matchId, payerId, payeeId, amountMsat, comment } = offer;
  const times = { createdMs: nowMs, changedMs: nowMs, deadlineMs: nowMs + INVOICE_MS };
  return { id, matchId, payerId, payeeId, amountMsat, comment, state: "offered", ...times };
}

/** Whether a repeated offer is the same one; a tip's id can have only one. */
export function isSameOffer(
  tip: Tip,
  { matchId, payerId, amountMsat, comment }: Omit<Offer, "id" | "payeeId">,
): boolean {
  return tip.matchId === matchId && tip.payerId === payerId && tip.amountMsat === amountMsat && tip.comment === comment;
}

export function isOpen({ state }: Pick<Tip, "state">): boolean {
  return state === "offered" || state === "invoiced";
}

// Each of these returns the tip in its new state, or the same tip when nothing is left to do, so that every command may
// be repeated. What breaks a rule throws a `DomainError`.

/** The payee answers with an invoice. Its payment hash must still be held against all others, by the store. */
export function invoiced(tip: Tip, by: SessionId, invoice: Invoice, nowMs: number): Tip {
  checkSide(tip, by);
  if (by !== tip.payeeId) throw wrongSide("the payee sends the invoice, and you are the payer");
  if (tip.invoice?.text === invoice.text) return tip;
  if (tip.invoice !== undefined) throw over("this tip has another invoice already");
  if (tip.state !== "offered" || nowMs >= tip.deadlineMs) throw over("this tip is not open any more");
  const deadlineMs = invoice.expiresMs + LATE_PAYMENT_MS;
  return { ...tip, state: "invoiced", changedMs: nowMs, deadlineMs, invoice };
}

/** The payer shows that the invoice was paid. */
export function settled(tip: Tip, by: SessionId, preimage: string, nowMs: number): Tip {
  checkSide(tip, by);
  if (by !== tip.payerId) throw wrongSide("the payer confirms, and you are the payee, who knew the preimage all along");
  if (tip.invoice === undefined) throw over("this tip has no invoice that could have been paid");
  const hash = createHash("sha256").update(preimage, "hex").digest("hex");
  if (hash !== tip.invoice.paymentHash) throw wrongPreimage();
  if (tip.state === "settled") return tip;
  if (tip.state !== "invoiced" || nowMs >= tip.deadlineMs) throw over("this tip is not open any more");
  return { ...tip, state: "settled", changedMs: nowMs, preimage: preimage.toLowerCase() };
}

/** One side gives the tip up. */
export function cancelled(tip: Tip, by: SessionId, nowMs: number): Tip {
  checkSide(tip, by);
  const state = by === tip.payerId ? "cancelled" : "declined";
  if (tip.state === state) return tip;
  if (!isOpen(tip) || nowMs >= tip.deadlineMs) throw over("this tip is not open any more");
  if (state === "declined" && tip.state === "invoiced") throw over("your invoice is out: the payer may be paying it");
  return { ...tip, state, changedMs: nowMs };
}

/** What a side is told of a tip. */
export function newsOf(tip: Tip, sessionId: SessionId): TipNews {
  const { id, matchId, amountMsat, comment, state, createdMs, deadlineMs, invoice } = tip;
  const role = sessionId === tip.payerId ? "payer" : "payee";
  const known = { role, id, matchId, amountMsat, comment, state, createdMs, deadlineMs } as const;
  return invoice === undefined ? known : { ...known, invoice };
}

/** Its time is over. */
export function expired(tip: Tip, nowMs: number): Tip {
  return isOpen(tip) && nowMs >= tip.deadlineMs ? { ...tip, state: "expired", changedMs: nowMs } : tip;
}

/** When a final tip may be forgotten. */
export function tipKeptUntilMs({ state, changedMs }: Tip): number {
  return changedMs + (state === "settled" ? SETTLED_KEPT_MS : UNSETTLED_KEPT_MS);
}

/** The day of a moment in UTC, such as `2026-01-31`. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** How long the day of a moment in UTC still lasts, in milliseconds. */
export function leftOfDayMs(ms: number): number {
  return DAY_MS - (ms % DAY_MS);
}

const DAY_MS = 24 * 60 * 60_000;

/** What a settled tip counts towards; each is the name of a total. */
export function totalsOf({ matchId, payerId, payeeId, changedMs }: Tip): TotalName[] {
  return [`match:${matchId}`, `given:${payerId}`, `received:${payeeId}`, `day:${dayOf(changedMs)}`];
}

/** What tips are added up by; the session that gave or received, the match, or the day they were settled on. */
export type TotalName = `${"match" | "given" | "received" | "day"}:${string}`;

/** To a stranger, a tip of others does not exist. */
function checkSide({ payerId, payeeId }: Tip, by: SessionId): void {
  if (by !== payerId && by !== payeeId) throw tipUnknown();
}

export function tipUnknown(): DomainError {
  return new DomainError("tip_unknown", "tip_id: there is no such tip, or it is not yours", { field: "tip_id" });
}

function wrongSide(message: string): DomainError {
  return new DomainError("tip_side", message);
}

function over(message: string): DomainError {
  return new DomainError("tip_over", message);
}

function wrongPreimage(): DomainError {
  return new DomainError("field_invalid", "preimage: is not that of the invoice's payment hash", { field: "preimage" });
}
