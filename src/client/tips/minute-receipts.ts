import type { StateStore } from "../state-store.js";
import { isPaid } from "./tip-store.js";
import type { MinutesEnd, ReceivedMinutes, Tip } from "./types.js";

/** A minute is paid when it is over, and the first one may begin a minute after the payer agreed. */
const MAX_SILENCE_MS = 150_000;
/** More tips than one a minute are left to the person. */
const ACCEPT_EVERY_MS = 30_000;

interface MinuteReceiptsDependencies {
  store: StateStore;
  matchId: string;
  /** What this side asks, in millisatoshis. */
  priceMsat: number;
  changed: () => void;
  /** Accepts a tip with an invoice from the wallet. */
  accept: (tipId: string) => Promise<void>;
}

/** What a partner who says that it agreed has paid for the minutes of a match. */
export class MinuteReceipts {
  readonly #dependencies: MinuteReceiptsDependencies;
  readonly #unsubscribe: () => void;
  #begun = false;
  #end: MinutesEnd | undefined;
  #minutes = 0;
  readonly #countedIds = new Set<string>();
  #overdue = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #acceptedAtMs = -Infinity;

  constructor(dependencies: MinuteReceiptsDependencies) {
    this.#dependencies = dependencies;
    this.#unsubscribe = dependencies.store.events.on("tip", (tip) => this.#tipChanged(tip));
  }

  /** Null until the partner agreed. */
  get view(): ReceivedMinutes | null {
    if (!this.#begun) return null;
    const receivedMsat = this.#minutes * this.#dependencies.priceMsat;
    return { end: this.#end, minutes: this.#minutes, receivedMsat, overdue: this.#overdue };
  }

  /** The partner says that it pays. */
  begin(): void {
    if (this.#begun && !this.#end) return;
    this.#begun = true;
    this.#end = undefined;
    this.#expect();
    this.#dependencies.changed();
  }

  /** The partner says that it pays no more, or this side asks for no more. */
  finish(end: MinutesEnd): void {
    if (!this.#begun || this.#end) return;
    this.#end = end;
    this.#overdue = false;
    clearTimeout(this.#timer);
    this.#dependencies.changed();
  }

  close(): void {
    this.#unsubscribe();
    clearTimeout(this.#timer);
  }

  /** From now on a payment is expected within the longest time there may be between two. */
  #expect(): void {
    clearTimeout(this.#timer);
    this.#overdue = false;
    this.#timer = setTimeout(() => {
      this.#overdue = true;
      this.#dependencies.changed();
    }, MAX_SILENCE_MS);
  }

  #tipChanged(tip: Tip): void {
    const { matchId, priceMsat, changed } = this.#dependencies;
    if (!this.#begun || tip.role !== "payee" || tip.matchId !== matchId || tip.amountMsat !== priceMsat) return;
    if (tip.state === "offered" && !this.#end) this.#accept(tip);
    // The last one may be paid after the end, and one that arrived is settled later.
    if (!isPaid(tip) || this.#countedIds.has(tip.id)) return;
    this.#countedIds.add(tip.id);
    this.#minutes++;
    if (!this.#end) this.#expect();
    changed();
  }

  /** The person asked for it, so a wallet that asks otherwise need not ask again. */
  #accept({ id, problem }: Tip): void {
    if (problem !== undefined || performance.now() - this.#acceptedAtMs < ACCEPT_EVERY_MS) return;
    this.#acceptedAtMs = performance.now();
    this.#dependencies.accept(id).catch(() => undefined); // the tip then waits for the person
  }
}
