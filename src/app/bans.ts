import { type Ban, isInForce } from "../core/ban.js";
import { DomainError, isStoreAway } from "../core/errors.js";
import type { AddressKeys, Network } from "../core/address-key.js";
import type { AddressKey } from "../core/ids.js";
import type { Clock } from "../ports/clock.js";
import type { Lobby } from "../ports/lobby.js";
import type { ModerationStore } from "../ports/moderation-store.js";
import { KnownBans } from "./known-bans.js";

/** How often is looked for what changed elsewhere, in milliseconds: a ban holds everywhere within this time. */
const POLL_MS = 1_000;
/** How many bans are read, and how many sessions closed, in one step. */
const AT_ONCE = 200;
const REMEMBERED_NETWORKS = 10_000;
/** Bans that have expired are let go at this number of looks. */
const POLLS_PER_SWEEP = 60;

interface Parts {
  lobby: Lobby;
  records: ModerationStore;
  clock: Clock;
  /** By which keys an address is known. */
  keys: AddressKeys;
  onError: (error: unknown) => void;
}

/**
 * The bans in force, as this node knows them: who calls is judged without asking anybody. What other nodes change is read
 * from the records once a second, so that nothing can be missed for longer.
 */
export class Bans {
  readonly #bans = new KnownBans();
  /** Networks whose sessions are to be closed still. */
  readonly #toBanish = new Set<AddressKey>();
  /** Networks of addresses that called since the last look: one costs as much as a match. No address is kept for longer. */
  readonly #networks = new Map<string, Network>();
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

  networkOf(address: string): Network {
    const known = this.#networks.get(address);
    if (known !== undefined) return known;
    const network = this.parts.keys.networkOf(address);
    if (this.#networks.size < REMEMBERED_NETWORKS) this.#networks.set(address, network);
    return network;
  }

  /** The networks that a new session from an address counts for, the narrowest first. */
  hostKeys(address: string): readonly AddressKey[] {
    return this.parts.keys.hostKeys(address);
  }

  /** The block of addresses that an address is part of. */
  blockKey(address: string): AddressKey {
    return this.parts.keys.blockKey(address);
  }

  /** How many are in force. */
  get count(): number {
    return this.#bans.count(this.parts.clock.nowMs());
  }

  /** Whether a network, or a wider one that it is part of, is kept out. */
  holdOn(network: Network): boolean {
    return this.#banOn(network, this.parts.clock.nowMs()) !== undefined;
  }

  /** @throws DomainError `banned` */
  refuse(network: Network): void {
    const nowMs = this.parts.clock.nowMs();
    const ban = this.#banOn(network, nowMs);
    if (ban === undefined) return;
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
  async refuseLate(network: Network): Promise<void> {
    const ban = this.#banOn(network, this.parts.clock.nowMs());
    if (ban === undefined) return;
    this.#toBanish.add(ban.addressKey);
    await this.#banish();
    this.refuse(network);
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

  /** The ban in force on a network, or on a wider one. */
  #banOn({ levels }: Network, nowMs: number): Ban | undefined {
    for (const key of levels) {
      const ban = this.#bans.get(key);
      if (isInForce(ban, nowMs)) return ban;
    }
    return undefined;
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
      this.#bans.set(ban);
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
      do
        ({ closed } = await this.parts.lobby.closeBanned({
          addressKey,
          nowMs: this.parts.clock.nowMs(),
          limit: AT_ONCE,
        }));
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
    this.#networks.clear();
    await this.update();
    if (++this.#polls % POLLS_PER_SWEEP === 0) this.#bans.sweep(this.parts.clock.nowMs());
    if (!this.#stopped) this.#pollLater();
  }
}
