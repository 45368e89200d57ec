import { SatoshigleError } from "../errors.js";
import type { StateStore } from "../state-store.js";
import { isFinal } from "./tip-store.js";
import { checkTip } from "./tip-rules.js";
import type { SatsStream, SatsStreamEnd, SatsStreamOptions, Tip } from "./types.js";

/** Often enough to feel steady, seldom enough for wallets and limits. */
const EVERY_MS = 10_000;
/** After a sleep of the computer nobody owes for the whole night. */
const MOST_OWED_MS = 60_000;
/** Many wallets deal in whole satoshis only. */
const MSAT_PER_SAT = 1_000;

interface Parts {
  view: StateStore;
  tip: (amountMsat: number) => Promise<Tip>;
  /** Whether the money of a tip that was not settled may be gone all the same. */
  mayBePaid: (id: string) => boolean;
}

/** Starts a series of small tips to the partner of the current match. */
export function startSatsStream(options: SatsStreamOptions, parts: Parts): SatsStream {
  for (const [name, value] of Object.entries(options)) {
    if (!Number.isSafeInteger(value) || value <= 0) {
      throw new SatoshigleError("invalid", `${name} must be a whole number above 0.`, { field: name });
    }
  }
  const { minMsat = 0 } = parts.view.state.tips ?? {};
  return new Series(options, parts, checkTip(parts.view.state, minMsat, ""), Math.max(minMsat, MSAT_PER_SAT));
}

class Series implements SatsStream {
  readonly ended: Promise<SatsStreamEnd>;
  readonly #options: SatsStreamOptions;
  readonly #parts: Parts;
  readonly #leastMsat: number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #offs: (() => void)[];
  #end!: (reason: SatsStreamEnd) => void;
  #over = false;
  #sinceMs = Date.now();
  /** Of the time that has passed, what was not tipped yet. */
  #owedMsat = 0;
  #paidMsat = 0;
  /** A tip is under way; its id is empty until the server took it. */
  #pending: { id: string; amountMsat: number } | undefined;

  constructor(options: SatsStreamOptions, parts: Parts, matchId: string, leastMsat: number) {
    this.#options = options;
    this.#parts = parts;
    this.#leastMsat = leastMsat;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    const { events } = parts.view;
    this.#offs = [
      events.on("state", () => parts.view.match?.matchId === matchId || this.#finish("call_over")),
      events.on("tip", (tip) => this.#follow(tip)),
    ];
    this.#timer = setInterval(() => this.#tick(), EVERY_MS);
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
    const most = Math.max((msatPerMinute * MOST_OWED_MS) / 60_000, this.#leastMsat);
    this.#owedMsat = Math.min(this.#owedMsat + (msatPerMinute * passedMs) / 60_000, most);
    if (this.#pending) return;
    const left = budgetMsat - this.#paidMsat;
    const whole = Math.floor(Math.min(this.#owedMsat, left, this.#parts.view.state.tips?.maxMsat ?? 0) / MSAT_PER_SAT);
    if (left < this.#leastMsat) this.#finish("budget");
    else if (whole * MSAT_PER_SAT >= this.#leastMsat) void this.#give(whole * MSAT_PER_SAT);
  }

  async #give(amountMsat: number): Promise<void> {
    const pending = { id: "", amountMsat };
    this.#pending = pending;
    this.#owedMsat -= amountMsat;
    try {
      const tip = await this.#parts.tip(amountMsat);
      pending.id = tip.id;
      this.#follow(tip);
    } catch {
      this.#pending = undefined;
      this.#finish("failed");
    }
  }

  #follow(tip: Tip): void {
    const pending = this.#pending;
    if (pending?.id !== tip.id || !isFinal(tip)) return;
    this.#pending = undefined;
    const isSettled = tip.state === "settled";
    if (isSettled || this.#parts.mayBePaid(tip.id)) this.#paidMsat += pending.amountMsat;
    if (!isSettled) {
      this.#finish("failed");
      return;
    }
    if (this.#options.budgetMsat - this.#paidMsat < this.#leastMsat) this.#finish("budget");
    if (this.#over) this.#release();
  }

  /** The tip under way is still followed, so that what was spent stays right. */
  #finish(reason: SatsStreamEnd): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#timer);
    if (!this.#pending) this.#release();
    this.#end(reason);
  }

  #release(): void {
    for (const off of this.#offs) off();
  }
}
