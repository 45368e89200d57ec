import type { StateStore } from "../state-store.js";
import type { TipSource } from "./tip-source.js";
import { isFinal, isPaid } from "./tip-store.js";
import { checkSatsStream } from "./tip-rules.js";
import type { SatsStream, SatsStreamEnd, SatsStreamOptions, Tip } from "./types.js";

/** Short enough to feel steady, long enough for wallets and limits. */
const TIP_INTERVAL_MS = 10_000;
/** Caps what accumulates while the computer sleeps. */
const MAX_OWED_MS = 60_000;
/** Many wallets support whole satoshis only. */
const MSAT_PER_SAT = 1_000;

interface SatsStreamDependencies extends TipSource {
  store: StateStore;
}

/** Starts a series of small tips to the partner of the current match. */
export function startSatsStream(options: SatsStreamOptions, dependencies: SatsStreamDependencies): SatsStream {
  const { state } = dependencies.store;
  const matchId = checkSatsStream(state, options);
  return new TipSeries(options, dependencies, matchId, Math.max(state.tips?.minMsat ?? 0, MSAT_PER_SAT));
}

class TipSeries implements SatsStream {
  readonly ended: Promise<SatsStreamEnd>;
  readonly #options: SatsStreamOptions;
  readonly #dependencies: SatsStreamDependencies;
  readonly #minTipMsat: number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #unsubscribe: (() => void)[];
  #end!: (reason: SatsStreamEnd) => void;
  #over = false;
  #sinceMs = Date.now();
  /** What has accumulated and was not tipped yet. */
  #owedMsat = 0;
  #paidMsat = 0;
  /** The tip under way; its ID is empty until the server has accepted it. */
  #pending: { id: string; amountMsat: number } | undefined;

  constructor(options: SatsStreamOptions, dependencies: SatsStreamDependencies, matchId: string, minTipMsat: number) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#minTipMsat = minTipMsat;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    const { store } = dependencies;
    this.#unsubscribe = [
      store.events.on("state", () => store.match?.matchId === matchId || this.#finish("call_over")),
      store.events.on("tip", (tip) => this.#tipChanged(tip)),
    ];
    this.#timer = setInterval(() => this.#tick(), TIP_INTERVAL_MS);
  }

  get spentMsat(): number {
    return this.#paidMsat + (this.#pending?.amountMsat ?? 0);
  }

  stop(): void {
    this.#finish("stopped");
  }

  #tick(): void {
    const { msatPerMinute, budgetMsat } = this.#options;
    const nowMs = Date.now();
    const passedMs = Math.max(0, nowMs - this.#sinceMs);
    this.#sinceMs = nowMs;
    const maxOwedMsat = Math.max((msatPerMinute * MAX_OWED_MS) / 60_000, this.#minTipMsat);
    this.#owedMsat = Math.min(this.#owedMsat + (msatPerMinute * passedMs) / 60_000, maxOwedMsat);
    if (this.#pending) return;
    const leftMsat = budgetMsat - this.#paidMsat;
    const wholeSats = Math.floor(
      Math.min(this.#owedMsat, leftMsat, this.#dependencies.store.state.tips?.maxMsat ?? 0) / MSAT_PER_SAT,
    );
    if (leftMsat < this.#minTipMsat) this.#finish("budget");
    else if (wholeSats * MSAT_PER_SAT >= this.#minTipMsat) void this.#give(wholeSats * MSAT_PER_SAT);
  }

  async #give(amountMsat: number): Promise<void> {
    const pending = { id: "", amountMsat };
    this.#pending = pending;
    this.#owedMsat -= amountMsat;
    try {
      const tip = await this.#dependencies.tip(amountMsat);
      pending.id = tip.id;
      this.#tipChanged(tip);
    } catch {
      this.#pending = undefined;
      this.#finish("failed");
    }
  }

  #tipChanged(tip: Tip): void {
    const pending = this.#pending;
    if (pending?.id !== tip.id || !(isFinal(tip) || tip.putAway)) return;
    this.#pending = undefined;
    if (isPaid(tip) || this.#dependencies.mayBePaid(tip.id)) this.#paidMsat += pending.amountMsat;
    if (!isPaid(tip)) {
      this.#finish("failed");
      return;
    }
    if (this.#options.budgetMsat - this.#paidMsat < this.#minTipMsat) this.#finish("budget");
    if (this.#over) this.#release();
  }

  /** The tip under way is still followed, so that `spentMsat` stays correct. */
  #finish(reason: SatsStreamEnd): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#timer);
    if (!this.#pending) this.#release();
    this.#end(reason);
  }

  #release(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }
}
