import type { Tip, TipState, TipTotals } from "./types.js";

/** Old final tips make room beyond this many. */
const MOST = 500;

/** A proof that the server took counts more than an end that this side only supposed. */
const ranks: Record<TipState, number> = {
  offered: 0,
  invoiced: 1,
  paying: 2,
  unconfirmed: 3,
  settled: 5,
  declined: 4,
  cancelled: 4,
  expired: 4,
};

export function isFinal({ state }: Pick<Tip, "state">): boolean {
  return ranks[state] >= ranks.expired;
}

/** What makes a tip what it is never changes, so this is not the same one, whoever says so. */
function contradicts(tip: Tip, known: Tip): boolean {
  return tip.role !== known.role || tip.matchId !== known.matchId || tip.amountMsat !== known.amountMsat;
}

/** The same tip further on. Its first invoice stays: it may be on its way to a wallet already. */
function advance(known: Tip, { state, expiresAtMs, problem, ...tip }: Tip): Tip {
  const invoiced = known.invoice === undefined ? tip : known;
  const { invoice, invoiceExpiresAtMs } = invoiced;
  return { ...known, state, expiresAtMs, invoice, invoiceExpiresAtMs, problem: problem ?? known.problem };
}

/** The tips this client knows of. Their states only move forward, however often and in whatever order they are told. */
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

  /** Takes a tip as it is now; false when that is no news, or of what can only be another tip. */
  put(tip: Tip): boolean {
    const known = this.#tips.get(tip.id);
    if (known && (ranks[tip.state] <= ranks[known.state] || contradicts(tip, known))) return false;
    this.#set(known ? advance(known, tip) : tip);
    return true;
  }

  /** Moves a tip on, if it is further back. */
  move(id: string, state: TipState, problem?: string): boolean {
    const tip = this.#tips.get(id);
    return tip !== undefined && this.put({ ...tip, state, problem: problem ?? tip.problem });
  }

  /** Says what stands in the way of a tip. */
  explain(id: string, problem: string): void {
    const tip = this.#tips.get(id);
    if (tip && tip.problem !== problem && !isFinal(tip)) this.#set({ ...tip, problem });
  }

  totals(matchId: string): TipTotals {
    const totals = { givenMsat: 0, receivedMsat: 0 };
    for (const tip of this.#tips.values()) {
      if (tip.matchId !== matchId || tip.state !== "settled") continue;
      totals[tip.role === "payer" ? "givenMsat" : "receivedMsat"] += tip.amountMsat;
    }
    return totals;
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
    if (this.#tips.size <= MOST) return;
    const oldest = [...this.#tips.values()].find((tip) => isFinal(tip) && tip.matchId !== matchId);
    if (oldest) this.#tips.delete(oldest.id);
  }
}
