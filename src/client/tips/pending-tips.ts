import type { ClientOptions } from "../types.js";
import type { Tip, TipTerms } from "./types.js";

/**
 * A tip that this side gives, as the person agreed to it, with what is needed to finish it in another session. It is
 * written by the client only; what the server says about the amount never changes it.
 */
export interface PendingTip extends Pick<
  Tip,
  "id" | "matchId" | "amountMsat" | "comment" | "createdAtMs" | "invoice" | "invoiceExpiresAtMs"
> {
  network: TipTerms["network"];
  expiresAtMs: number;
  /** The token of the session that offered it. */
  token: string;
  /** A wallet was asked to pay it, so none must be asked again. */
  asked: boolean;
  /** The proof of the payment. */
  preimage?: string;
}

/**
 * `claimed`: only the caller may ask a wallet to pay. `taken`: a wallet was already asked, or the tip is over or was
 * never offered. `not_stored`: other tabs cannot learn about the claim, so no wallet may be asked.
 */
export type Claim = "claimed" | "taken" | "not_stored";

type TipStorage = NonNullable<ClientOptions["tipStorage"]>;

interface Entry {
  tip: PendingTip;
  /** Written to the storage. If it is missing there later, another tab has finished it. */
  stored: boolean;
}

/** The unsettled tips that this side gives, kept in a storage that outlives the page. */
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

  /** Returns the tip as it is now: another tab may have changed or finished it. */
  get(id: string): PendingTip | undefined {
    const entry = this.#memory.get(id);
    if (entry && !entry.stored) return entry.tip;
    return this.#load().find((tip) => tip.id === id);
  }

  keep(tip: PendingTip): void {
    const entry = { tip, stored: false };
    this.#memory.set(tip.id, entry);
    void withLock(this.#key, () => {
      entry.stored = this.#save(tip.id, entry.tip);
    });
  }

  forget(id: string): void {
    if (!this.#memory.delete(id)) return;
    void withLock(this.#key, () => this.#save(id, undefined));
  }

  /** Claims the right to pay. Atomic across all tabs that share the storage if the browser has locks (secure pages). */
  claim(id: string): Promise<Claim> {
    return withLock(this.#key, () => {
      const entry = this.#memory.get(id);
      const stored = this.#load().find((tip) => tip.id === id);
      const tip = stored ?? (entry?.stored === false ? entry.tip : undefined);
      if (!tip || tip.asked || entry?.tip.asked) return "taken";
      const asked = { ...tip, asked: true };
      const isSaved = this.#save(id, asked);
      // A tip that was never stored is known to this page only.
      if (!isSaved && stored) return "not_stored";
      this.#memory.set(id, { tip: asked, stored: isSaved });
      return "claimed";
    });
  }

  /** Writes this entry only, because other tabs keep theirs in the same place. Returns whether it was written. */
  #save(id: string, tip: PendingTip | undefined): boolean {
    const others = this.#load().filter((other) => other.id !== id);
    const all = tip ? [...others, tip] : others;
    try {
      if (all.length === 0) this.#storage?.removeItem(this.#key);
      else this.#storage?.setItem(this.#key, JSON.stringify(all));
      return this.#storage !== null;
    } catch {
      // The storage is full or blocked: the tip then lives as long as the page.
      return false;
    }
  }

  #load(): PendingTip[] {
    try {
      const saved: unknown = JSON.parse(this.#storage?.getItem(this.#key) ?? "[]");
      return Array.isArray(saved) ? saved.filter(isPendingTip) : [];
    } catch {
      return [];
    }
  }
}

/** Runs `act` in one tab at a time, so that reading, changing and writing is one step. Without locks it runs at once. */
async function withLock<T>(name: string, act: () => T): Promise<T> {
  const { locks } = (globalThis as { navigator?: { locks?: LockManager } }).navigator ?? {};
  return locks ? locks.request(name, act) : act();
}

function isPendingTip(value: unknown): value is PendingTip {
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
