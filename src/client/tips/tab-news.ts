import type { TipStorage } from "./stored-tips.js";
import type { Tip } from "./types.js";

interface StorageListener {
  addEventListener?: (
    type: "storage",
    listener: (event: { key: string | null; newValue: string | null }) => void,
    options: { signal: AbortSignal },
  ) => void;
}

/**
 * Tells the other tabs of this browser what has become of a tip. It is written to the storage that they share, and removed
 * at once: browsers report each change of a storage to all tabs but the one that made it.
 */
export class TabNews {
  readonly #storage: TipStorage | null;
  readonly #key: string;

  /** @param heard gets the tips of other tabs, unchecked except for their IDs, until `signal` aborts */
  constructor(baseUrl: string, storage: TipStorage | null, signal: AbortSignal, heard: (tip: Tip) => void) {
    this.#storage = storage;
    this.#key = `satoshigle.tip:${baseUrl}`;
    if (!storage) return;
    const listen = ({ key, newValue }: { key: string | null; newValue: string | null }): void => {
      const tip = key === this.#key && newValue !== null ? parse(newValue) : undefined;
      if (tip) heard(tip);
    };
    (globalThis as StorageListener).addEventListener?.("storage", listen, { signal });
  }

  say(tip: Tip): void {
    try {
      this.#storage?.setItem(this.#key, JSON.stringify(tip));
      this.#storage?.removeItem(this.#key);
    } catch {
      // The storage is full or blocked: the other tabs then find out by themselves.
    }
  }
}

function parse(text: string): Tip | undefined {
  try {
    const tip = JSON.parse(text) as Partial<Tip> | null;
    return typeof tip?.id === "string" && typeof tip.state === "string" ? (tip as Tip) : undefined;
  } catch {
    return undefined;
  }
}
