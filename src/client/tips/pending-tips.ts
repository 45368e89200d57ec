import { readStoredTips, tipsKey, type PendingTip, type TipStorage } from "./stored-tips.js";

export type { PendingTip } from "./stored-tips.js";

/**
 * `claimed`: only the caller may ask a wallet to pay. `taken`: a wallet was already asked, or the tip is over or was
 * never offered. `not_stored`: other tabs cannot learn about the claim, so no wallet may be asked.
 */
export type Claim = "claimed" | "taken" | "not_stored";

interface Entry {
  tip: PendingTip;
  /** Written to the storage. If it is missing there later, another tab has finished it. */
  stored: boolean;
}

/** The unsettled tips that this side gives, kept in a storage that outlives the page. */
export class PendingTips {
  readonly #storage: TipStorage | null;
  readonly #baseUrl: string;
  readonly #key: string;
  readonly #memory = new Map<string, Entry>();

  /** @param stored what the storage contained when the page began; another tab may have added to it since */
  constructor(
    baseUrl: string,
    storage: TipStorage | null,
    stored: readonly PendingTip[] = readStoredTips(baseUrl, storage),
  ) {
    this.#storage = storage;
    this.#baseUrl = baseUrl;
    this.#key = tipsKey(baseUrl);
    for (const tip of stored) this.#memory.set(tip.id, { tip, stored: true });
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
    return readStoredTips(this.#baseUrl, this.#storage);
  }
}

/** Runs `act` in one tab at a time, so that reading, changing and writing is one step. Without locks it runs at once. */
async function withLock<T>(name: string, act: () => T): Promise<T> {
  const { locks } = (globalThis as { navigator?: { locks?: LockManager } }).navigator ?? {};
  return locks ? locks.request(name, act) : act();
}
