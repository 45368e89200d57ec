import { createHash } from "node:crypto";
import { dayOf } from "./day.js";
import { DomainError } from "./errors.js";
import type { AddressKey, MatchId, NetworkKey, PersonKey, SessionId, TipId } from "./ids.js";
import type { Invoice } from "./invoice.js";
import { limits } from "./limits.js";
import { widestOf } from "./network-key.js";

/** `received`: the payee says that the money arrived; `settled`: the payer proved the payment. */
export type TipState = "offered" | "invoiced" | "received" | "settled" | "declined" | "cancelled" | "expired";

/** A tip from one session to another. Only the functions below change it. */
export interface Tip {
  id: TipId;
  matchId: MatchId;
  payerId: SessionId;
  payeeId: SessionId;
  /** The people of the two sessions; undefined for an anonymous one. */
  payerPerson?: PersonKey | undefined;
  payeePerson?: PersonKey | undefined;
  /** In millisatoshis; exact, as the maximum is far below 2^53. */
  amountMsat: number;
  /** The payer's comment; may be empty. Never logged. */
  comment: string;
  state: TipState;
  createdMs: number;
  /** When it reached its state. */
  changedMs: number;
  /** When the payee said that the money arrived; also set if the tip is settled, before or after. */
  receivedMs?: number;
  /** When it expires if it is still open. */
  deadlineMs: number;
  /** The payee's invoice, from `invoiced` on. */
  invoice?: Invoice;
  /** The proof of payment: its SHA-256 is the payment hash. In hexadecimal. Never logged. */
  preimage?: string;
}

/** A tip from the point of view of one side, without the other's identity and the proof of payment. */
export interface TipView extends Omit<
  Tip,
  "payerId" | "payeeId" | "payerPerson" | "payeePerson" | "preimage" | "changedMs"
> {
  role: "payer" | "payee";
  /** When the payer proved the payment. */
  settledMs?: number;
}

/** How many tips the ledger accepts. Further ones are refused; existing ones continue. */
export interface TipBudget {
  /** Open tips of a payer. */
  open: number;
  /** Tips of the payer's network in a day (UTC). */
  ofNetwork: number;
  /** All stored tips. */
  all: number;
}

export const tipBudget: TipBudget = { open: limits.openTips, ofNetwork: limits.tipsOfNetwork, all: limits.keptTips };

/**
 * The networks whose budget a tip uses: the payer's widest. The payee's is not used, as payees cannot refuse offers:
 * strangers could exhaust what a payee may give and receive.
 */
export function networksOf(payerKey: NetworkKey): readonly AddressKey[] {
  return [widestOf(payerKey)];
}

/** How long a payee may take to send an invoice, in milliseconds. */
export const INVOICE_MS = 2 * 60_000;
/** How long a tip may be confirmed after its invoice expired, in milliseconds: a payment may be in flight. */
export const LATE_PAYMENT_MS = 60 * 60_000;
/** How long received and settled tips are kept, in milliseconds. */
export const SETTLED_KEPT_MS = 400 * 24 * 60 * 60_000;
/** How long tips without an invoice are kept after their end, in milliseconds. */
export const UNSETTLED_KEPT_MS = 2 * 24 * 60 * 60_000;
/**
 * How long unsettled tips are kept after their invoice expired, in milliseconds: longer than the 2,016 blocks for which
 * a payment may be in flight, so that a late preimage still settles them and no payment hash is reused.
 */
export const LATE_PREIMAGE_MS = 16 * 24 * 60 * 60_000;

type Offer = Pick<
  Tip,
  "id" | "matchId" | "payerId" | "payeeId" | "payerPerson" | "payeePerson" | "amountMsat" | "comment"
>;

export function offered(offer: Offer, nowMs: number): Tip {
  const { id, matchId, payerId, payeeId, amountMsat, comment } = offer;
  const times = { createdMs: nowMs, changedMs: nowMs, deadlineMs: nowMs + INVOICE_MS };
  return { id, matchId, payerId, payeeId, ...peopleIn(offer), amountMsat, comment, state: "offered", ...times };
}

/** The people of the two sides, without those that are unknown. */
function peopleIn({ payerPerson, payeePerson }: Pick<Tip, "payerPerson" | "payeePerson">) {
  return { ...(payerPerson && { payerPerson }), ...(payeePerson && { payeePerson }) };
}

/** Whether a retried offer is the same; an id belongs to one tip only. */
export function isSameOffer(
  tip: Tip,
  { matchId, payerId, amountMsat, comment }: Omit<Offer, "id" | "payeeId">,
): boolean {
  return tip.matchId === matchId && tip.payerId === payerId && tip.amountMsat === amountMsat && tip.comment === comment;
}

export function isOpen({ state }: Pick<Tip, "state">): boolean {
  return state === "offered" || state === "invoiced";
}

// Each of these returns the tip in its new state, or the same tip if there is nothing to change, so that every command
// may be retried. Broken rules throw a `DomainError`.

/** The payee sends an invoice. The store still has to check that its payment hash is unique. */
export function invoiced(tip: Tip, by: SessionId, invoice: Invoice, nowMs: number): Tip {
  checkSide(tip, by);
  if (by !== tip.payeeId) throw wrongSide("only the payee can send an invoice; you are the payer");
  if (tip.invoice?.text === invoice.text) return tip;
  if (tip.invoice !== undefined) throw over("this tip already has another invoice");
  if (tip.state !== "offered" || nowMs >= tip.deadlineMs) throw over("this tip is no longer open");
  const deadlineMs = invoice.expiresMs + LATE_PAYMENT_MS;
  return { ...tip, state: "invoiced", changedMs: nowMs, deadlineMs, invoice };
}

/**
 * The payer proves that the invoice was paid. Also possible once the tip is cancelled or expired: money that left is not
 * called unpaid, and a payment may be held for days.
 */
export function settled(tip: Tip, by: SessionId, preimage: string, nowMs: number): Tip {
  checkSide(tip, by);
  if (by !== tip.payerId) throw wrongSide("only the payer can confirm a tip; you are the payee");
  if (tip.invoice === undefined) throw over("this tip has no invoice yet");
  const hash = createHash("sha256").update(preimage, "hex").digest("hex");
  if (hash !== tip.invoice.paymentHash) throw wrongPreimage();
  if (tip.state === "settled") return tip;
  return { ...tip, state: "settled", changedMs: nowMs, preimage: preimage.toLowerCase() };
}

/**
 * The payee says that the money arrived. Money that left is never called unpaid, so this holds after any end of the tip;
 * beside a proof it is only a further fact, and the tip stays settled.
 */
export function received(tip: Tip, by: SessionId, nowMs: number): Tip {
  checkSide(tip, by);
  if (by !== tip.payeeId) throw wrongSide("only the payee can confirm the receipt of a tip; you are the payer");
  if (tip.invoice === undefined) throw over("this tip has no invoice, so nothing can have been paid");
  if (tip.receivedMs !== undefined) return tip;
  if (tip.state === "settled") return { ...tip, receivedMs: nowMs };
  return { ...tip, state: "received", changedMs: nowMs, receivedMs: nowMs };
}

/** One side cancels or declines the tip. */
export function cancelled(tip: Tip, by: SessionId, nowMs: number): Tip {
  checkSide(tip, by);
  const state = by === tip.payerId ? "cancelled" : "declined";
  if (tip.state === state) return tip;
  if (!isOpen(tip) || nowMs >= tip.deadlineMs) throw over("this tip is no longer open");
  if (state === "declined" && tip.state === "invoiced")
    throw over("the payer already has your invoice and may be paying it");
  return { ...tip, state, changedMs: nowMs };
}

/** Returns a tip from the point of view of one side. */
export function viewFor(tip: Tip, sessionId: SessionId): TipView {
  const { id, matchId, amountMsat, comment, state, createdMs, deadlineMs, invoice, receivedMs } = tip;
  const role = sessionId === tip.payerId ? "payer" : "payee";
  const settledMs = settledMsOf(tip);
  return {
    ...{ role, id, matchId, amountMsat, comment, state, createdMs, deadlineMs },
    ...(invoice !== undefined && { invoice }),
    ...(receivedMs !== undefined && { receivedMs }),
    ...(settledMs !== undefined && { settledMs }),
  };
}

/** When the payer proved the payment; a settled tip does not change its state again. */
export function settledMsOf({ state, changedMs }: Tip): number | undefined {
  return state === "settled" ? changedMs : undefined;
}

/** Whether the money has left, by the payer's proof or by the payee's word. */
export function isPaid(state: TipState): boolean {
  return state === "settled" || state === "received";
}

/** Expires a tip if its deadline has passed. */
export function expired(tip: Tip, nowMs: number): Tip {
  return isOpen(tip) && nowMs >= tip.deadlineMs ? { ...tip, state: "expired", changedMs: nowMs } : tip;
}

/** When a final tip may be dropped. */
export function tipKeptUntilMs({ state, changedMs, invoice }: Tip): number {
  if (isPaid(state)) return changedMs + SETTLED_KEPT_MS;
  if (invoice === undefined) return changedMs + UNSETTLED_KEPT_MS;
  return Math.max(changedMs, invoice.validUntilMs ?? invoice.expiresMs) + LATE_PREIMAGE_MS;
}

/** The totals that a tip counts towards: those of proved payments or those of unproved ones, never both. */
export function totalsOf(tip: Tip): TotalName[] {
  if (tip.state === "settled") return provedTotalsOf(tip);
  return tip.state === "received" ? unprovedTotalsOf(tip) : [];
}

/** The totals that a tip counted towards before it was settled: those of its receipt, if that came first. */
export function formerTotalsOf(tip: Tip): TotalName[] {
  const { state, receivedMs } = tip;
  return state === "settled" && receivedMs !== undefined ? unprovedTotalsOf({ ...tip, changedMs: receivedMs }) : [];
}

function provedTotalsOf({ matchId, payerId, payeeId, changedMs }: Tip): ProvedTotal[] {
  return [`match:${matchId}`, `given:${payerId}`, `received:${payeeId}`, `day:${dayOf(changedMs)}`];
}

function unprovedTotalsOf(tip: Tip): TotalName[] {
  return provedTotalsOf(tip).map(unproved);
}

/** The key of a total of settled tips: the paying or receiving session, the match, or the day of settlement. */
export type ProvedTotal = `${"match" | "given" | "received" | "day"}:${string}`;

/** The key of a total of settled tips, or of those that are only received, by the day of the receipt. */
export type TotalName = ProvedTotal | `unproved:${ProvedTotal}`;

export function unproved(name: ProvedTotal): TotalName {
  return `unproved:${name}`;
}

/** Other sessions' tips do not exist for a caller. */
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
  return new DomainError(
    "field_invalid",
    "preimage: is not the proof of this payment: it does not match the payment hash",
    { field: "preimage" },
  );
}
