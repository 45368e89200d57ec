import { type Ban, isInForce } from "../core/ban.js";
import { DomainError, isStoreAway } from "../core/errors.js";
import type { AddressKey } from "../core/ids.js";
import type { Clock } from "../ports/clock.js";
import type { Lobby } from "../ports/lobby.js";
import type { Records } from "../ports/records.js";

/** How often is looked for what changed elsewhere, in milliseconds: a ban holds everywhere within this time. */
const POLL_MS = 1_000;
/** How many bans are read, and how many sessions closed, in one step. */
const AT_ONCE = 200;
const REMEMBERED_KEYS = 10_000;
/** Bans that have expired are let go at this number of looks. */
const POLLS_PER_SWEEP = 60;

interface Parts {
  lobby: Lobby;
  records: Records;
  clock: Clock;
  /** By which key an address is known. */
  keyOf: (address: string) => AddressKey;
  onError: (error: unknown) => void;
}

/**
 * The bans in force, as this node knows them: who calls is judged without asking anybody. What other nodes change is read
 * from the records once a second, so that nothing can be missed for longer.
 */
export class Bans {
  readonly #bans = new Map<AddressKey, Ban>();
  /** Networks whose sessions are to be closed still. */
  readonly #toBanish = new Set<AddressKey>();
  /** Keys of addresses that called since the last look: one costs as much as a match. No address is kept for longer. */
  readonly #keys = new Map<string, AddressKey>();
  #lastNumber = 0;
  #polls = 0;
  #cancel: (() => void) | undefined;
  #stopped = false;

  private constructor(private readonly parts: Parts) {}

  /** Reads the bans there are and keeps up with them from then on. */
  static async start(parts: Parts): Promise<Bans> {
    const bans = new Bans(parts);
    await bans.#catchUp();
    bans.#toBanish.clear(); // those who made the bans saw to it
    bans.#pollLater();
    return bans;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  keyOf(address: string): AddressKey {
    const known = this.#keys.get(address);
    if (known !== undefined) return known;
    const addressKey = this.parts.keyOf(address);
    if (this.#keys.size < REMEMBERED_KEYS) this.#keys.set(address, addressKey);
    return addressKey;
  }

  /** How many are in force. */
  get count(): number {
    const nowMs = this.parts.clock.nowMs();
    return [...this.#bans.values()].filter((ban) => isInForce(ban, nowMs)).length;
  }

  /** Whether a network is kept out. */
  holdOn(addressKey: AddressKey): boolean {
    return isInForce(this.#bans.get(addressKey), this.parts.clock.nowMs());
  }

  /** @throws DomainError `banned` */
  refuse(addressKey: AddressKey): void {
    const nowMs = this.parts.clock.nowMs();
    const ban = this.#bans.get(addressKey);
    if (ban === undefined || !isInForce(ban, nowMs)) return;
    const { expiresMs } = ban;
    throw new DomainError("banned", `people on this network are kept out until ${new Date(expiresMs).toISOString()}`, {
      retryAfterMs: expiresMs - nowMs,
      expiresMs,
    });
  }

  /**
   * Refuses a session that was opened just when its network was banned, and closes it.
   * @throws DomainError `banned`
   */
  async refuseLate(addressKey: AddressKey): Promise<void> {
    if (!this.holdOn(addressKey)) return;
    this.#toBanish.add(addressKey);
    await this.#banish();
    this.refuse(addressKey);
  }

  /** Makes a change of the records hold here at once. Never rejects: what failed is tried again. */
  async update(): Promise<void> {
    try {
      await this.#catchUp();
      await this.#banish();
    } catch (error) {
      if (!isStoreAway(error)) this.parts.onError(error);
    }
  }

  async #catchUp(): Promise<void> {
    for (;;) {
      const changed = await this.parts.records.bansAfter(this.#lastNumber, AT_ONCE);
      for (const { number, ...ban } of changed) {
        this.#lastNumber = Math.max(this.#lastNumber, number);
        this.#take(ban);
      }
      if (changed.length < AT_ONCE) return;
    }
  }

  #take(ban: Ban): void {
    if (isInForce(ban, this.parts.clock.nowMs())) {
      this.#bans.set(ban.addressKey, ban);
      this.#toBanish.add(ban.addressKey);
    } else {
      this.#bans.delete(ban.addressKey);
      this.#toBanish.delete(ban.addressKey);
    }
  }

  /** Closes the sessions of those that were banned. */
  async #banish(): Promise<void> {
    for (const addressKey of this.#toBanish) {
      let closed: number;
      do ({ closed } = await this.parts.lobby.banish({ addressKey, nowMs: this.parts.clock.nowMs(), limit: AT_ONCE }));
      while (closed === AT_ONCE);
      this.#toBanish.delete(addressKey);
    }
  }

  #pollLater(): void {
    this.#cancel = this.parts.clock.after(POLL_MS, () => {
      this.#poll().catch(this.parts.onError);
    });
  }

  async #poll(): Promise<void> {
    this.#keys.clear();
    await this.update();
    if (++this.#polls % POLLS_PER_SWEEP === 0) this.#sweep();
    if (!this.#stopped) this.#pollLater();
  }

  #sweep(): void {
    const nowMs = this.parts.clock.nowMs();
    for (const [addressKey, ban] of this.#bans) if (!isInForce(ban, nowMs)) this.#bans.delete(addressKey);
  }
}
