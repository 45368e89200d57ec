import { isFinal, isUnresolved, type TipStore } from "./tip-store.js";
import type { Tip } from "./types.js";

/** How long a wallet may take before its silence is mentioned. */
const PATIENCE_MS = 30_000;
/** Wallets ignore requests whose time is off by about this much, which they do without a word. */
const CLOCK_TOLERANCE_MS = 60_000;

const SILENT = "Your wallet has not answered yet. Open it, or check that it is connected. The tip may still be paid.";
const CLOCK_OFF =
  "Your wallet has not answered yet, probably because the clock of this device is wrong. The tip may still be paid.";

/** Says so when a wallet that was asked to pay does not answer. */
export class WalletSilence {
  readonly #tipStore: TipStore;
  readonly #clockOffsetMs: () => number;
  readonly #lookAfter: (id: string) => void;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  /** @param lookAfter finds out what became of a tip about which nothing was heard */
  constructor(tipStore: TipStore, clockOffsetMs: () => number, lookAfter: (id: string) => void) {
    this.#tipStore = tipStore;
    this.#clockOffsetMs = clockOffsetMs;
    this.#lookAfter = lookAfter;
  }

  tipChanged(tip: Tip): void {
    const { id, role, state, problem } = tip;
    const isWaiting = state === "unconfirmed" || (isUnresolved(tip) && (isFinal(tip) || problem === undefined));
    if (role === "payee" || !isWaiting) this.#stop(id);
    else if (!this.#timers.has(id))
      this.#timers.set(
        id,
        setTimeout(() => this.#mention(id), PATIENCE_MS),
      );
  }

  clear(): void {
    for (const id of [...this.#timers.keys()]) this.#stop(id);
  }

  #mention(id: string): void {
    this.#stop(id);
    this.#lookAfter(id);
    const tip = this.#tipStore.get(id);
    if (tip?.state !== "paying" || tip.problem !== undefined) return;
    const isClockOff = Math.abs(this.#clockOffsetMs()) > CLOCK_TOLERANCE_MS;
    if (isClockOff) this.#tipStore.explain(id, { problemCode: "clock_off", problem: CLOCK_OFF });
    else this.#tipStore.explain(id, { problemCode: "wallet_silent", problem: SILENT });
  }

  #stop(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }
}
