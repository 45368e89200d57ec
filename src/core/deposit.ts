import { DomainError } from "./errors.js";
import type { DepositId, DeviceKey, SessionId } from "./ids.js";

/**
 * `asked`: the payment is pending. `held`: it has arrived and waits at the node. `releasing` and `forfeiting`: decided, and
 * the node has not confirmed it yet. The others are final; `lapsed`: never paid.
 */
export type DepositState = "asked" | "held" | "releasing" | "forfeiting" | "released" | "forfeited" | "lapsed";

type FinalState = "released" | "forfeited" | "lapsed";

/**
 * Why a deposit is returned. `conduct`: nobody reported the person for a while. `time`: it was held for as long as any
 * may be. `height`: its payment would soon expire on the chain. `left`: the person left. `shutdown`: its instance stopped.
 * `moderator`: an operator returned it. `late`: it arrived when nobody waited for it. `away`: the node could not be asked
 * for one, and the server's policy is to do without.
 */
export type ReleaseCause = "conduct" | "time" | "height" | "left" | "shutdown" | "moderator" | "late" | "away";

/** A refundable payment to the operator's node. Only the functions below change it. */
export interface Deposit {
  id: DepositId;
  sessionId: SessionId;
  /** The browser, if it has a key. Undefined for one without. */
  device?: DeviceKey | undefined;
  /** The instance that asked for it. */
  instance: string;
  amountSat: number;
  paymentHash: string;
  /** The hold invoice (BOLT 11); empty until the node created it. */
  invoice: string;
  state: DepositState;
  /** Whether the person was reported while it was held. */
  isReported: boolean;
  /** From `releasing` on. */
  cause?: ReleaseCause | undefined;
  createdMs: number;
  /** When it reached its state. */
  changedMs: number;
  /** When its invoice expires. */
  invoiceExpiresMs: number;
  /** When it arrived. */
  heldMs?: number | undefined;
  /** The height at which the payment returns by itself, with a closed channel. */
  expiryHeight?: number | undefined;
  /** When the upkeep looks at it next; when it is dropped, once it is final. */
  dueMs: number;
}

/** Whose deposit one is: a session's, or that of a browser in all its sessions. */
export type DepositHolder = { sessionId: SessionId } | { device: DeviceKey };

/** How long a deposit may be paid, in milliseconds. */
export const INVOICE_MS = 5 * 60_000;
/** After how long without a report a deposit is returned, in milliseconds. */
export const CONDUCT_MS = 3 * 60_000;
/** After how long every deposit is returned unless a moderator took it, in milliseconds. With room for one upkeep. */
export const MAX_HELD_MS = 9.5 * 60_000;
/** How many blocks must be left before a held payment expires on the chain. */
export const MIN_BLOCKS_LEFT = 40;
/** How many blocks a payment must have left when it arrives: a day, so that a held one is never near its end. */
export const FINAL_CLTV_DELTA = 144;
/** How long a browser whose deposit was returned for its conduct needs no other, in milliseconds. */
export const TRUSTED_MS = 30 * 24 * 60 * 60_000;
/** How long final deposits are kept that were paid, in milliseconds. */
const PAID_KEPT_MS = TRUSTED_MS;
/** How long those are kept that were not needed, in milliseconds: longer than sessions usually last. */
const WAIVED_KEPT_MS = 24 * 60 * 60_000;
/** How long those are kept that nobody paid, in milliseconds, as anybody can ask for more of them. */
const UNPAID_KEPT_MS = 10 * 60_000;
/** How often the upkeep looks at a held deposit, in milliseconds: blocks may come. */
const LOOK_MS = 30_000;
/** When the upkeep looks again after the node did not answer, in milliseconds. */
const RETRY_MS = 5_000;

type Request = Pick<Deposit, "id" | "sessionId" | "device" | "instance" | "amountSat" | "paymentHash">;

export function askedFor(request: Request, nowMs: number): Deposit {
  const untilMs = nowMs + INVOICE_MS;
  const times = { createdMs: nowMs, changedMs: nowMs, invoiceExpiresMs: untilMs, dueMs: untilMs };
  return { ...request, invoice: "", state: "asked", isReported: false, ...times };
}

/** A session that needs no deposit because the node is away. */
export function waivedFor(request: Request, nowMs: number): Deposit {
  return { ...askedFor(request, nowMs), state: "released", cause: "away", dueMs: nowMs + WAIVED_KEPT_MS };
}

/** The names of those whose latest deposit one may be, as stores index them. */
export function holdersOf({ sessionId, device }: Deposit): string[] {
  return [holderName({ sessionId }), ...(device === undefined ? [] : [holderName({ device })])];
}

export function holderName(holder: DepositHolder): string {
  return "sessionId" in holder ? `session:${holder.sessionId}` : `device:${holder.device}`;
}

/** Whether a deposit may still be paid or is held. */
export function isOpen({ state }: Pick<Deposit, "state">): boolean {
  return state === "asked" || state === "held" || state === "releasing" || state === "forfeiting";
}

/** The payment has arrived. One that arrives after its invoice expired is returned at once. */
export function arrived(deposit: Deposit, expiryHeight: number | undefined, nowMs: number): Deposit {
  if (deposit.state !== "asked") return deposit;
  const held = { ...deposit, state: "held" as const, changedMs: nowMs, heldMs: nowMs, expiryHeight };
  return nowMs >= deposit.invoiceExpiresMs ? releasing(held, "late", nowMs) : { ...held, dueMs: nowMs + LOOK_MS };
}

/** The person was reported: a moderator has the longest time to look. */
export function reported(deposit: Deposit): Deposit {
  return deposit.state === "held" && !deposit.isReported ? { ...deposit, isReported: true } : deposit;
}

/** Decides that a held deposit, or one that may still be paid, is returned. */
export function releasing(deposit: Deposit, cause: ReleaseCause, nowMs: number): Deposit {
  if (deposit.state !== "held" && deposit.state !== "asked") return deposit;
  return { ...deposit, state: "releasing", cause, changedMs: nowMs, dueMs: nowMs };
}

/** The person leaves. A deposit of somebody who was reported stays. */
export function left(deposit: Deposit, nowMs: number): Deposit {
  return deposit.isReported ? deposit : releasing(deposit, "left", nowMs);
}

/**
 * Decides that the operator keeps a deposit.
 * @throws DomainError `deposit_over` unless it is held
 */
export function forfeiting(deposit: Deposit, nowMs: number): Deposit {
  if (deposit.state === "forfeiting" || deposit.state === "forfeited") return deposit;
  if (deposit.state !== "held") throw depositOver(deposit);
  return { ...deposit, state: "forfeiting", changedMs: nowMs, dueMs: nowMs };
}

/**
 * Decides that an operator returns a deposit.
 * @throws DomainError `deposit_over` if it was forfeited or not paid
 */
export function returned(deposit: Deposit, nowMs: number): Deposit {
  if (deposit.state === "releasing" || deposit.state === "released") return deposit;
  if (deposit.state !== "held") throw depositOver(deposit);
  return releasing(deposit, "moderator", nowMs);
}

/** The node confirmed what was decided, or the invoice was never paid. */
export function ended(deposit: Deposit, nowMs: number): Deposit & { state: FinalState } {
  const { state } = deposit;
  const final = state === "releasing" ? "released" : state === "forfeiting" ? "forfeited" : "lapsed";
  const keptMs = deposit.heldMs === undefined ? UNPAID_KEPT_MS : PAID_KEPT_MS;
  return { ...deposit, state: final, changedMs: nowMs, dueMs: nowMs + keptMs };
}

/** When a held deposit is returned unless a moderator decides before, or an invoice expires. Undefined in other states. */
export function endsMs({ state, heldMs, isReported, invoiceExpiresMs }: Deposit): number | undefined {
  if (state === "asked") return invoiceExpiresMs;
  if (state !== "held" || heldMs === undefined) return undefined;
  return heldMs + (isReported ? MAX_HELD_MS : CONDUCT_MS);
}

/**
 * What the upkeep decides about a held deposit; the same deposit to look again later.
 * @param height of the chain; undefined if the node does not answer: then only the time counts
 */
export function reviewed(deposit: Deposit, height: number | undefined, nowMs: number): Deposit {
  const { state, heldMs = nowMs, expiryHeight, isReported } = deposit;
  if (state !== "held") return deposit;
  const blocksLeft = height === undefined || expiryHeight === undefined ? Infinity : expiryHeight - height;
  if (blocksLeft <= MIN_BLOCKS_LEFT) return releasing(deposit, "height", nowMs);
  if (nowMs >= heldMs + MAX_HELD_MS) return releasing(deposit, "time", nowMs);
  if (!isReported && nowMs >= heldMs + CONDUCT_MS) return releasing(deposit, "conduct", nowMs);
  const nextMs = endsMs({ ...deposit, heldMs }) ?? nowMs;
  return { ...deposit, dueMs: Math.min(nextMs, nowMs + LOOK_MS) };
}

export function postponed(deposit: Deposit, nowMs: number): Deposit {
  return { ...deposit, dueMs: nowMs + RETRY_MS };
}

/**
 * Whether the session of a deposit may be matched. A person who left early, or whose deposit a moderator keeps, pays
 * another for the next match.
 */
export function admits({ state, cause, heldMs }: Deposit): boolean {
  if (state === "held") return true;
  if (state !== "releasing" && state !== "released") return false;
  return cause === "away" || (heldMs !== undefined && cause !== "left" && cause !== "late");
}

/** Whether a browser's latest deposit vouches for it in further sessions. */
export function vouches({ state, cause, changedMs }: Deposit, nowMs: number): boolean {
  return state === "released" && cause === "conduct" && nowMs < changedMs + TRUSTED_MS;
}

export function depositUnknown(): DomainError {
  return new DomainError("deposit_unknown", "deposit_id: there is no such deposit", { field: "deposit_id" });
}

export function depositsOff(): DomainError {
  return new DomainError("deposits_off", "this server asks for no deposits");
}

function depositOver({ state }: Deposit): DomainError {
  return new DomainError("deposit_over", `the deposit is ${state}: only one that is held can be returned or forfeited`);
}
