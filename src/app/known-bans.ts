import { type Ban, isInForce } from "../core/ban.js";
import type { AddressKey } from "../core/ids.js";
import { SortedNumbers } from "../core/sorted-numbers.js";

/** The bans that a node knows, none of them lifted: one for each network. */
export class KnownBans {
  readonly #bans = new Map<AddressKey, Ban>();
  readonly #ends = new SortedNumbers();

  get(addressKey: AddressKey): Ban | undefined {
    return this.#bans.get(addressKey);
  }

  set(ban: Ban): void {
    this.delete(ban.addressKey);
    this.#bans.set(ban.addressKey, ban);
    this.#ends.add(ban.expiresMs);
  }

  delete(addressKey: AddressKey): void {
    const ban = this.#bans.get(addressKey);
    if (ban === undefined) return;
    this.#bans.delete(addressKey);
    this.#ends.remove(ban.expiresMs);
  }

  /** How many are in force. */
  count(nowMs: number): number {
    return this.#ends.countAbove(nowMs);
  }

  /** Lets those go that have expired. */
  sweep(nowMs: number): void {
    if (this.count(nowMs) === this.#bans.size) return;
    for (const [addressKey, ban] of this.#bans) if (!isInForce(ban, nowMs)) this.delete(addressKey);
  }
}
