import type { ClientOptions } from "../types.js";
import type { Tip } from "./types.js";

/** What is needed to finish a tip of this side in another session: what was to be paid, and who may confirm it. */
export interface Unfinished extends Pick<Tip, "id" | "matchId" | "amountMsat" | "comment" | "createdAtMs"> {
  invoice: string;
  invoiceExpiresAtMs: number;
  expiresAtMs: number;
  /** The token of the session that offered it. */
  token: string;
  /** The wallet was asked to pay it, so it must never be asked again. */
  asked: boolean;
  /** What the payment gave. */
  preimage?: string;
}

type TipStorage = NonNullable<ClientOptions["tipStorage"]>;

/** The tips of this side that are not yet in the books, kept where they survive the page. */
export class UnfinishedTips {
  readonly #storage: TipStorage | null;
  readonly #key: string;
  readonly #memory = new Map<string, Unfinished>();

  constructor(baseUrl: string, storage: TipStorage | null) {
    this.#storage = storage;
    this.#key = `satoshigle.tips:${baseUrl}`;
    for (const tip of this.#load()) this.#memory.set(tip.id, tip);
  }

  get all(): readonly Unfinished[] {
    return [...this.#memory.values()];
  }

  /** As it is now: another tab may have gone on with it. */
  get(id: string): Unfinished | undefined {
    return this.#load().find((tip) => tip.id === id) ?? this.#memory.get(id);
  }

  keep(tip: Unfinished): void {
    this.#memory.set(tip.id, tip);
    this.#save(tip.id, tip);
  }

  forget(id: string): void {
    if (this.#memory.delete(id)) this.#save(id, undefined);
  }

  /** Other tabs keep theirs in the same place, so each writes its own entries only. */
  #save(id: string, tip: Unfinished | undefined): void {
    const others = this.#load().filter((other) => other.id !== id);
    const all = tip ? [...others, tip] : others;
    try {
      if (all.length === 0) this.#storage?.removeItem(this.#key);
      else this.#storage?.setItem(this.#key, JSON.stringify(all));
    } catch {
      // Storage is full or forbidden: the tip then lives as long as the page.
    }
  }

  #load(): Unfinished[] {
    try {
      const kept: unknown = JSON.parse(this.#storage?.getItem(this.#key) ?? "[]");
      return Array.isArray(kept) ? kept.filter(isUnfinished) : [];
    } catch {
      return [];
    }
  }
}

function isUnfinished(value: unknown): value is Unfinished {
  if (typeof value !== "object" || value === null) return false;
  const tip = value as Record<string, unknown>;
  const texts = [tip.id, tip.matchId, tip.comment, tip.invoice, tip.token];
  const numbers = [tip.amountMsat, tip.createdAtMs, tip.invoiceExpiresAtMs, tip.expiresAtMs];
  return texts.every((text) => typeof text === "string") && numbers.every((number) => Number.isFinite(number));
}
