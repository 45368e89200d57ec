import type { ClientOptions } from "../types.js";
import type { Tip, TipTerms } from "./types.js";

/**
 * A tip of this side as the person agreed to it, and what is needed to finish it in another session. Only the client
 * writes it; what the server says about the amount never reaches it.
 */
export interface PendingTip extends Pick<
  Tip,
  "id" | "matchId" | "amountMsat" | "comment" | "createdAtMs" | "invoice" | "invoiceExpiresAtMs"
> {
  network: TipTerms["network"];
  expiresAtMs: number;
  /** The token of the session that offered it. */
  token: string;
  /** The wallet was asked to pay it, so it must never be asked again. */
  asked: boolean;
  /** What the payment gave. */
  preimage?: string;
}

/**
 * `claimed`: the caller, and nobody else, may ask a wallet to pay. `taken`: a wallet was asked before, or the tip is over
 * or was never offered. `unnoted`: other tabs could not be told, so no wallet may be asked.
 */
export type Claim = "claimed" | "taken" | "unnoted";

type TipStorage = NonNullable<ClientOptions["tipStorage"]>;

interface Entry {
  tip: PendingTip;
  /** In the storage, too: when it is missing there later on, another tab has finished it. */
  stored: boolean;
}

/** The tips of this side that are not yet in the books, kept where they survive the page. */
export class PendingTips {
  readonly #storage: TipStorage | null;
  readonly #key: string;
  readonly #memory = new Map<string, Entry>();

  constructor(baseUrl: string, storage: TipStorage | null) {
    this.#storage = storage;
    this.#key = `satoshigle.tips:${baseUrl}`;
    for (const tip of this.#load()) this.#memory.set(tip.id, { tip, stored: true });
  }

  get all(): readonly PendingTip[] {
    return [...this.#memory.values()].map(({ tip }) => tip);
  }

  /** As it is now: another tab may have gone on with it, or finished it. */
  get(id: string): PendingTip | undefined {
    const own = this.#memory.get(id);
    if (own && !own.stored) return own.tip;
    return this.#load().find((tip) => tip.id === id);
  }

  keep(tip: PendingTip): void {
    const entry = { tip, stored: false };
    this.#memory.set(tip.id, entry);
    void exclusively(this.#key, () => {
      entry.stored = this.#save(tip.id, entry.tip);
    });
  }

  forget(id: string): void {
    if (!this.#memory.delete(id)) return;
    void exclusively(this.#key, () => this.#save(id, undefined));
  }

  /** Atomic over all tabs that share the storage, where the browser has locks (secure pages). */
  claim(id: string): Promise<Claim> {
    return exclusively(this.#key, () => {
      const own = this.#memory.get(id);
      const stored = this.#load().find((tip) => tip.id === id);
      const tip = stored ?? (own?.stored === false ? own.tip : undefined);
      if (!tip || tip.asked || own?.tip.asked) return "taken";
      const asked = { ...tip, asked: true };
      const noted = this.#save(id, asked);
      // What was never stored is known to this page alone.
      if (!noted && stored) return "unnoted";
      this.#memory.set(id, { tip: asked, stored: noted });
      return "claimed";
    });
  }

  /** Other tabs keep theirs in the same place, so each writes its own entries only. False: nothing was written. */
  #save(id: string, tip: PendingTip | undefined): boolean {
    const others = this.#load().filter((other) => other.id !== id);
    const all = tip ? [...others, tip] : others;
    try {
      if (all.length === 0) this.#storage?.removeItem(this.#key);
      else this.#storage?.setItem(this.#key, JSON.stringify(all));
      return this.#storage !== null;
    } catch {
      // Storage is full or forbidden: the tip then lives as long as the page.
      return false;
    }
  }

  #load(): PendingTip[] {
    try {
      const kept: unknown = JSON.parse(this.#storage?.getItem(this.#key) ?? "[]");
      return Array.isArray(kept) ? kept.filter(isUnfinished) : [];
    } catch {
      return [];
    }
  }
}

/** One tab at a time: what it reads, changes and writes back is one step. Elsewhere it runs at once. */
async function exclusively<T>(name: string, act: () => T): Promise<T> {
  const { locks } = (globalThis as { navigator?: { locks?: LockManager } }).navigator ?? {};
  return locks ? locks.request(name, act) : act();
}

function isUnfinished(value: unknown): value is PendingTip {
  if (typeof value !== "object" || value === null) return false;
  const tip = value as Record<string, unknown>;
  const texts = [tip.id, tip.matchId, tip.comment, tip.token, tip.network];
  const numbers = [tip.createdAtMs, tip.expiresAtMs];
  return (
    texts.every((text) => typeof text === "string") &&
    numbers.every((number) => Number.isFinite(number)) &&
    Number.isSafeInteger(tip.amountMsat) &&
    typeof tip.asked === "boolean" &&
    ["string", "undefined"].includes(typeof tip.invoice)
  );
}
