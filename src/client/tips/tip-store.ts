import type { Tip, TipProblemCode, TipState, TipTotals } from "./types.js";

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

/** What went wrong with a tip: a code, and words for people. */
type TipProblem = Partial<Pick<Tip, "problem" | "problemCode">>;

/** These fields of a tip never change, so a report that changes one is about a different tip. */
function contradicts(tip: Tip, known: Tip): boolean {
  return tip.role !== known.role || tip.matchId !== known.matchId || tip.amountMsat !== known.amountMsat;
}

/** Returns the known tip in its new state. The first invoice stays, because a wallet may already be paying it. */
function advance(known: Tip, { state, expiresAtMs, problem, problemCode, ...tip }: Tip): Tip {
  const invoiced = known.invoice === undefined ? tip : known;
  const { invoice, invoiceExpiresAtMs } = invoiced;
  const reason = problem === undefined ? known : { problem, problemCode };
  return {
    ...known,
    ...{ state, expiresAtMs, invoice, invoiceExpiresAtMs },
    receivedAtMs: known.receivedAtMs ?? tip.receivedAtMs,
    ...{ problem: reason.problem, problemCode: reason.problemCode },
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
    return tip !== undefined && this.put({ ...tip, state, ...reason });
  }

  /** Sets the `problem` of an open tip. */
  explain(id: string, problemCode: TipProblemCode, problem: string): void {
    const tip = this.#tips.get(id);
    if (tip && tip.problem !== problem && !isFinal(tip)) this.#set({ ...tip, problem, problemCode });
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
