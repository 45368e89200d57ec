import type { Database, RootDatabase } from "lmdb";
import { type Ban, rememberedUntilMs } from "../../core/ban.js";
import type { AddressKey } from "../../core/ids.js";
import { limits } from "../../core/limits.js";
import type { NumberedBan } from "../../ports/moderation-store.js";
import { lastNumbers, nextNumber, type Numbered } from "./database.js";

/** The latest ban of each network. Changes must run in a transaction. */
export class Bans {
  readonly #bans: Database<Ban, number>;
  readonly #numbers: Database<number, AddressKey>;
  readonly #last: Database<number, Numbered>;
  /** Number of the last ban that the current pass of `prune` has checked. */
  #pruned = 0;

  constructor(root: RootDatabase) {
    this.#bans = root.openDB({ name: "bans-by-number" });
    this.#numbers = root.openDB({ name: "ban-numbers" });
    this.#last = lastNumbers(root);
  }

  latest(addressKey: AddressKey): Ban | undefined {
    const number = this.#numbers.get(addressKey);
    return number === undefined ? undefined : this.#bans.get(number);
  }

  /** Returns whether there was room. */
  put(ban: Ban, nowMs: number, maxBans: number = limits.keptBans): boolean {
    const former = this.#numbers.get(ban.addressKey);
    const { entryCount } = this.#bans.getStats() as { entryCount: number };
    if (former === undefined && entryCount >= maxBans) return false;
    if (former !== undefined) void this.#bans.remove(former);
    const number = nextNumber(this.#last, "ban", nowMs);
    void this.#numbers.put(ban.addressKey, number);
    void this.#bans.put(number, ban);
    return true;
  }

  list(range: { start: number; reverse?: boolean; limit: number }): NumberedBan[] {
    return [...this.#bans.getRange(range)].map(({ key: number, value }) => ({ ...value, number }));
  }

  /** Checks the next `limit` bans and deletes those no longer needed. Returns whether there are more. */
  prune(nowMs: number, limit: number): boolean {
    const some = this.list({ start: this.#pruned + 1, limit });
    for (const ban of some) {
      if (rememberedUntilMs(ban) > nowMs) continue;
      void this.#bans.remove(ban.number);
      void this.#numbers.remove(ban.addressKey);
    }
    const isAtEnd = some.length < limit;
    this.#pruned = isAtEnd ? 0 : (some.at(-1)?.number ?? 0);
    return !isAtEnd;
  }
}
