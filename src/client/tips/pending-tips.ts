import { PaidHashes } from "./paid-hashes.js";
import { readStoredTips, tipsKey, type PendingTip, type TipStorage } from "./stored-tips.js";

export type { PendingTip } from "./stored-tips.js";

/**
 * `claimed`: only the caller may ask a wallet to pay. `taken`: a wallet was already asked, or the tip is over or was
 * never offered. `used`: a wallet was asked to pay the same invoice for another tip. `not_stored`: other tabs cannot learn
 * about the claim, so no wallet may be asked.
 */
export type Claim = "claimed" | "taken" | "used" | "not_stored";

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
  /** What this page has finished, and another tab may still see in the storage. */
  readonly #forgotten = new Set<string>();
  readonly #paidHashes: PaidHashes;

  /** @param stored what the storage contained when the page began; another tab may have added to it since */
  constructor(
    baseUrl: string,
    storage: TipStorage | null,
    stored: readonly PendingTip[] = readStoredTips(baseUrl, storage),
  ) {
    this.#storage = storage;
    this.#baseUrl = baseUrl;
    this.#key = tipsKey(baseUrl);
    this.#paidHashes = new PaidHashes(baseUrl, storage);
    for (const tip of stored) this.#memory.set(tip.id, { tip, stored: true });
  }

  get all(): readonly PendingTip[] {
    return [...this.#memory.values()].map(({ tip }) => tip);
  }

  /** Returns the tip as it is now: another tab may have changed or finished it. */
  get(id: string): PendingTip | undefined {
    const entry = this.#memory.get(id);
    if (entry && !entry.stored) return entry.tip;
    return this.#forgotten.has(id) ? undefined : this.#find(id);
  }

  /** Whether another tab has finished the tip, in a way that this page has not heard of. */
  isFinishedElsewhere(id: string): boolean {
    return this.#memory.get(id)?.stored === true && !this.#find(id);
  }

  /** Adds a tip. */
  keep(tip: PendingTip): void {
    const entry = { tip, stored: false };
    this.#memory.set(tip.id, entry);
    void withLock(this.#key, () => {
      entry.stored = this.#save(tip.id, entry.tip);
    });
  }

  /** Changes a tip unless it is finished. What another tab changes at the same time is kept. */
  change(id: string, change: Partial<PendingTip>): void {
    const entry = this.#memory.get(id);
    if (entry) entry.tip = { ...entry.tip, ...change };
    void withLock(this.#key, () => {
      const known = this.#find(id) ?? (entry?.stored ? undefined : entry?.tip);
      if (!known || this.#forgotten.has(id)) return;
      const isSaved = this.#save(id, { ...known, ...change });
      if (entry) entry.stored = isSaved;
    });
  }

  forget(id: string): void {
    this.#memory.delete(id);
    this.#forgotten.add(id);
    void withLock(this.#key, () => this.#find(id) && this.#save(id, undefined));
  }

  /**
   * Claims the right to pay. Atomic across all tabs that share the storage if the browser has locks (secure pages).
   * @param paymentHash of the invoice, which no other tip may have paid until `expiresMs`
   */
  claim(id: string, { paymentHash, expiresMs }: { paymentHash?: string | undefined; expiresMs?: number } = {}) {
    return withLock(this.#key, (): Claim => {
      const entry = this.#memory.get(id);
      const stored = this.#forgotten.has(id) ? undefined : this.#find(id);
      const tip = stored ?? (entry?.stored === false ? entry.tip : undefined);
      if (!tip || tip.asked || entry?.tip.asked) return "taken";
      if (paymentHash !== undefined && this.#paidHashes.has(paymentHash)) return "used";
      const asked = { ...tip, asked: true };
      const isSaved = this.#save(id, asked);
      // A tip that was never stored is known to this page only.
      if (!isSaved && stored) return "not_stored";
      this.#memory.set(id, { tip: asked, stored: isSaved });
      if (paymentHash !== undefined) this.#paidHashes.add(paymentHash, expiresMs ?? Infinity);
      return "claimed";
    });
  }

  #find(id: string): PendingTip | undefined {
    return this.#load().find((tip) => tip.id === id);
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
