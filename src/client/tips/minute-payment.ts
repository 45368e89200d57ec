import type { StateStore } from "../state-store.js";
import type { MatchClock } from "./match-clock.js";
import type { TipSource } from "./tip-source.js";
import { isFinal, isPaid } from "./tip-store.js";
import type { GivenMinutes, MinutesEnd, Tip } from "./types.js";

/** A minute that is noticed to be over later than this was not watched whole: the device slept. */
const MAX_LATE_MS = 10_000;

interface MinutePaymentSettings {
  matchId: string;
  priceMsat: number;
  budgetMsat: number;
}

interface MinutePaymentDependencies extends TipSource {
  store: StateStore;
  clock: MatchClock;
  /** Called after each change. */
  changed: () => void;
  /** Called before a minute is paid. */
  paying: () => void;
}

/**
 * Pays for each minute of a match when it is over, from the first that began after this side agreed. There is one tip at
 * a time: a minute whose tip does not settle before the next one is over ends the payment, and is not paid again.
 */
export class MinutePayment {
  readonly #settings: MinutePaymentSettings;
  readonly #dependencies: MinutePaymentDependencies;
  readonly #unsubscribe: (() => void)[];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The minute that is paid next, counted from 0. */
  #minute = 0;
  #end: MinutesEnd | undefined;
  /** The tip under way; its ID is empty until the server has accepted it. */
  #pending: { id: string } | undefined;
  /** What became of the earlier tips, by ID. A late report may still change it. */
  readonly #outcomes = new Map<string, "paid" | "doubtful" | "unpaid">();

  constructor(settings: MinutePaymentSettings, dependencies: MinutePaymentDependencies) {
    this.#settings = settings;
    this.#dependencies = dependencies;
    const { store } = dependencies;
    this.#unsubscribe = [
      store.events.on("state", () => store.match?.matchId === settings.matchId || this.finish("call_over")),
      store.events.on("tip", (tip) => this.#tipChanged(tip)),
    ];
    this.#beginAfresh();
  }

  get view(): GivenMinutes {
    const { budgetMsat } = this.#settings;
    const nextAtMs = this.#end ? undefined : Date.now() + this.#dependencies.clock.msUntil(this.#minute + 1);
    return { end: this.#end, minutes: this.#count("paid"), spentMsat: this.#spentMsat, budgetMsat, nextAtMs };
  }

  get over(): boolean {
    return this.#end !== undefined;
  }

  /** The tips given so far are still followed, so that what was spent stays correct. */
  finish(end: MinutesEnd): void {
    if (this.#end) return;
    this.#end = end;
    clearTimeout(this.#timer);
    this.#dependencies.changed();
  }

  /** Follows nothing any more. */
  close(): void {
    this.finish("call_over");
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  get #spentMsat(): number {
    const tips = this.#count("paid") + this.#count("doubtful") + (this.#pending ? 1 : 0);
    return tips * this.#settings.priceMsat;
  }

  get #hasBudget(): boolean {
    return this.#spentMsat + this.#settings.priceMsat <= this.#settings.budgetMsat;
  }

  #count(wanted: "paid" | "doubtful"): number {
    return [...this.#outcomes.values()].filter((outcome) => outcome === wanted).length;
  }

  /** Waits for the next minute that begins, and for its end. */
  #beginAfresh(): void {
    this.#minute = this.#dependencies.clock.minute + 1;
    this.#schedule();
  }

  #schedule(): void {
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, this.#dependencies.clock.msUntil(this.#minute + 1)));
  }

  #tick(): void {
    const leftMs = this.#dependencies.clock.msUntil(this.#minute + 1);
    if (leftMs > 0) this.#schedule();
    else if (leftMs < -MAX_LATE_MS) this.#beginAfresh();
    else if (this.#pending) this.finish("failed");
    else this.#pay();
  }

  #pay(): void {
    this.#minute++;
    this.#schedule();
    this.#dependencies.paying();
    void this.#give();
  }

  async #give(): Promise<void> {
    const pending = { id: "" };
    this.#pending = pending;
    this.#dependencies.changed();
    try {
      const tip = await this.#dependencies.tip(this.#settings.priceMsat);
      pending.id = tip.id;
      this.#tipChanged(tip);
    } catch {
      this.#pending = undefined;
      this.finish("failed");
      this.#dependencies.changed();
    }
  }

  #tipChanged(tip: Tip): void {
    const isPending = this.#pending?.id === tip.id;
    if (!isFinal(tip) || !(isPending || this.#outcomes.has(tip.id))) return;
    const doubtful = !isPaid(tip) && this.#dependencies.mayBePaid(tip.id);
    this.#outcomes.set(tip.id, isPaid(tip) ? "paid" : doubtful ? "doubtful" : "unpaid");
    if (isPending) this.#pending = undefined;
    if (!isPaid(tip)) this.finish("failed");
    else if (!this.#hasBudget) this.finish("budget");
    this.#dependencies.changed();
  }
}
