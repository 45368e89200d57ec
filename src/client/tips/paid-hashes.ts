import type { TipStorage } from "./stored-tips.js";

/** The most hashes that are kept; far more than a person pays before their invoices expire. */
const MAX_HASHES = 1_000;

/** The payment hashes of the invoices that a wallet of this browser was asked to pay, until they expire. */
export class PaidHashes {
  readonly #storage: TipStorage | null;
  readonly #key: string;
  /** Those of this page. */
  readonly #own = new Set<string>();

  constructor(baseUrl: string, storage: TipStorage | null) {
    this.#storage = storage;
    this.#key = `satoshigle.paid:${baseUrl}`;
  }

  has(hash: string): boolean {
    return this.#own.has(hash) || this.#load().some(([known]) => known === hash);
  }

  add(hash: string, expiresMs: number): void {
    this.#own.add(hash);
    const current = this.#load().filter(([, untilMs]) => untilMs > Date.now());
    try {
      this.#storage?.setItem(this.#key, JSON.stringify([...current, [hash, expiresMs]].slice(-MAX_HASHES)));
    } catch {
      // The storage is full or blocked: the other tabs then do not know.
    }
  }

  #load(): [hash: string, untilMs: number][] {
    try {
      const saved: unknown = JSON.parse(this.#storage?.getItem(this.#key) ?? "[]");
      return Array.isArray(saved) ? saved.filter(isEntry) : [];
    } catch {
      return [];
    }
  }
}

function isEntry(value: unknown): value is [string, number] {
  return Array.isArray(value) && typeof value[0] === "string" && typeof value[1] === "number";
}
