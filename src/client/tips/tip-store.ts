import type { Tip, TipState, TipTotals } from "./types.js";

/** Above this, the oldest final tips are dropped. */
const MAX_TIPS = 500;

/** The payee's word outranks an end without payment, and a proof that the server accepted outranks both. */
const RANKS: Record<TipState, number> = {
  offered: 0,
  invoiced: 1,
  paying: 2,
  unconfirmed: 3,
  declined: 4,
  cancelled: 4,
  expired: 4,
  received: 5,
  settled: 6,
};

/** Whether nothing is left to do for a person. */
export function isFinal({ state }: Pick<Tip, "state">): boolean {
  return RANKS[state] >= RANKS.expired;
}

/** Whether the money has arrived, by the payee's word or by the payer's proof. */
export function isPaid({ state }: Pick<Tip, "state">): boolean {
  return RANKS[state] >= RANKS.received;
}

/** Whether nobody knows yet whether a wallet has paid this tip. */
export function isUnresolved({ state, problemCode }: Tip): boolean {
  return state === "paying" || problemCode === "outcome_unknown";
}

/** What went wrong with a tip: a code, and words for people. */
export type TipProblem = Partial<Pick<Tip, "problem" | "problemCode" | "saidByWallet">>;

/** These fields of a tip never change, so a report that changes one is about a different tip. */
function contradicts(tip: Tip, known: Tip): boolean {
  return tip.role !== known.role || tip.matchId !== known.matchId || tip.amountMsat !== known.amountMsat;
}

/**
 * Returns the known tip in its new state. The first invoice stays, because a wallet may already be paying it. What went
 * wrong with a payment, and whether the tip was put away, does not matter any more once it is paid.
 */
function advance(known: Tip, tip: Tip): Tip {
  const { state, expiresAtMs } = tip;
  const { invoice, invoiceExpiresAtMs } = known.invoice === undefined ? tip : known;
  const paid = state === "unconfirmed" || isPaid(tip);
  const { problem, problemCode, saidByWallet } = paid || tip.problem !== undefined ? tip : known;
  return {
    ...known,
    ...{ state, expiresAtMs, invoice, invoiceExpiresAtMs, problem, problemCode, saidByWallet },
    receivedAtMs: known.receivedAtMs ?? tip.receivedAtMs,
    putAway: paid ? undefined : known.putAway,
  };
}

/** The tips that this client knows. Their states only move forward, in whatever order reports arrive. */
export class TipStore {
  readonly #tips = new Map<string, Tip>();
  readonly #changed: (tip: Tip) => void;

  constructor(changed: (tip: Tip) => void) {
    this.#changed = changed;
  }

  get all(): readonly Tip[] {
    return [...this.#tips.values()];
  }

  get(id: string): Tip | undefined {
    return this.#tips.get(id);
  }

  /**
   * Stores a newer state of a tip, or the payee's word about a settled one. Returns false if it is not newer, or
   * contradicts what is known.
   */
  put(tip: Tip): boolean {
    const known = this.#tips.get(tip.id);
    if (known && contradicts(tip, known)) return false;
    if (known && RANKS[tip.state] <= RANKS[known.state]) return this.#addReceipt(known, tip);
    this.#set(known ? advance(known, tip) : tip);
    return true;
  }

  #addReceipt(known: Tip, { receivedAtMs }: Tip): boolean {
    if (known.state !== "settled" || known.receivedAtMs !== undefined || receivedAtMs === undefined) return false;
    this.#set({ ...known, receivedAtMs });
    return true;
  }

  /** Moves a tip to a later state. */
  move(id: string, state: TipState, reason: TipProblem = {}): boolean {
    const tip = this.#tips.get(id);
    const none = { problem: undefined, problemCode: undefined, saidByWallet: undefined };
    return tip !== undefined && this.put({ ...tip, state, ...none, ...reason });
  }

  /** Sets the `problem` of an open tip. */
  explain(id: string, { problem, problemCode, saidByWallet }: TipProblem): void {
    const tip = this.#tips.get(id);
    const isNews = tip?.problem !== problem || tip?.problemCode !== problemCode;
    if (tip && isNews && !isFinal(tip)) this.#set({ ...tip, problem, problemCode, saidByWallet });
  }

  /** Ends a tip that is not paid, in whatever state it is: more is known about its end than before. */
  correct(id: string, end: TipProblem & Pick<Tip, "state">): void {
    const tip = this.#tips.get(id);
    if (tip && !isPaid(tip)) this.#set({ ...tip, ...end });
  }

  putAway(id: string): void {
    const tip = this.#tips.get(id);
    if (tip && !tip.putAway) this.#set({ ...tip, putAway: true });
  }

  totals(matchId: string): TipTotals {
    const own = [...this.#tips.values()].filter((tip) => tip.matchId === matchId);
    const sum = (state: TipState, role: Tip["role"]): number =>
      own.reduce((msat, tip) => (tip.state === state && tip.role === role ? msat + tip.amountMsat : msat), 0);
    return {
      ...{ givenMsat: sum("settled", "payer"), receivedMsat: sum("settled", "payee") },
      ...{ unprovedGivenMsat: sum("received", "payer"), unprovedReceivedMsat: sum("received", "payee") },
    };
  }

  #set(tip: Tip): void {
    const final = isFinal(tip);
    this.#tips.set(tip.id, final ? { ...tip, expiresAtMs: undefined } : tip);
    if (final) this.#makeRoom(tip.matchId);
    const set = this.#tips.get(tip.id);
    if (set) this.#changed(set);
  }

  /** Tips of the current match count towards its totals, so they stay. */
  #makeRoom(matchId: string): void {
    if (this.#tips.size <= MAX_TIPS) return;
    const oldest = [...this.#tips.values()].find((tip) => isFinal(tip) && tip.matchId !== matchId);
    if (oldest) this.#tips.delete(oldest.id);
  }
}
