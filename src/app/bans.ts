import { noticeOf } from "../core/appeal.js";
import { type Ban, isInForce } from "../core/ban.js";
import { DomainError, isStoreAway } from "../core/errors.js";
import type { AddressKeys, Network } from "../core/address-key.js";
import type { AddressKey, NetworkKey } from "../core/ids.js";
import { CLOSED_AT_ONCE } from "../core/limits.js";
import { type Known, sessionKey } from "../core/session-key.js";
import type { Clock } from "../ports/clock.js";
import type { LobbyMaintenance } from "../ports/lobby-maintenance.js";
import type { BanStore } from "../ports/moderation-store.js";
import type { Caller } from "./caller.js";
import { KnownBans } from "./known-bans.js";
import { runPeriodically } from "./periodic.js";

/** How often changes by other instances are read, in milliseconds: a ban applies everywhere within this time. */
const POLL_MS = 1_000;
/** How many bans are read, and how many sessions closed, in one step. */
const BATCH_SIZE = 200;
const MAX_CACHED_NETWORKS = 10_000;
/** Expired bans are dropped once in this many polls. */
const POLLS_PER_SWEEP = 60;

/** Who may be banned: a person, a browser, or everybody on a network. */
type BanSubject = Known & Pick<Caller, "host">;

interface BansDependencies {
  lobby: LobbyMaintenance;
  records: BanStore;
  clock: Clock;
  /** Derives the keys of an address. */
  keys: AddressKeys;
  onError: (error: unknown) => void;
}

/**
 * Caches active bans and refreshes them every second, so checking a caller needs no round trip. Changes are read by their
 * number, so none is missed.
 */
export class Bans {
  readonly #bans = new KnownBans();
  /** Banned networks whose sessions have not been closed yet. */
  readonly #toClose = new Set<AddressKey>();
  /** Networks of the addresses that called since the last poll, as deriving one costs as much as a match. */
  readonly #networks = new Map<string, Network>();
  #lastNumber = 0;
  #polls = 0;
  #stopPolling: () => void = () => undefined;

  private constructor(private readonly deps: BansDependencies) {}

  /** Reads the existing bans, and polls for changes from then on. */
  static async start(deps: BansDependencies): Promise<Bans> {
    const bans = new Bans(deps);
    await bans.#catchUp();
    bans.#toClose.clear(); // the instances that created these bans have closed their sessions
    bans.#startPolling();
    return bans;
  }

  stop(): void {
    this.#stopPolling();
  }

  networkOf(address: string): Network {
    const cached = this.#networks.get(address);
    if (cached !== undefined) return cached;
    const network = this.deps.keys.networkOf(address);
    if (this.#networks.size < MAX_CACHED_NETWORKS) this.#networks.set(address, network);
    return network;
  }

  /** The networks that a new session from an address counts for, the narrowest first. */
  hostKeys(address: string): readonly AddressKey[] {
    return this.deps.keys.hostKeys(address);
  }

  /** The block of addresses that contains an address. */
  blockKey(address: string): AddressKey {
    return this.deps.keys.blockKey(address);
  }

  /** The number of bans in force. */
  get count(): number {
    return this.#bans.count(this.deps.clock.nowMs());
  }

  /** The ban in force on a person, a browser or a network, narrow or wide. */
  banOf(key: AddressKey): Ban | undefined {
    const ban = this.#bans.get(key);
    return isInForce(ban, this.deps.clock.nowMs()) ? ban : undefined;
  }

  /** The keys of a caller's person, browser and network in its session. */
  keyOf(caller: BanSubject): NetworkKey {
    return sessionKey(caller, this.networkOf(caller.host).key);
  }

  /** The bans in force on a caller's person, its browser, its network and wider ones, in the order in which they are told. */
  bansOn({ person, device, host }: BanSubject): Ban[] {
    const keys = [person, device, ...this.networkOf(host).levels];
    return keys.flatMap((key) => (key && this.banOf(key)) ?? []);
  }

  /** Whether a caller's person, its browser, its network, or a wider one that contains it, is banned. */
  isBanned(caller: BanSubject): boolean {
    return this.#banOn(caller, this.deps.clock.nowMs()) !== undefined;
  }

  /** @throws DomainError `banned` */
  refuse(caller: BanSubject): void {
    const nowMs = this.deps.clock.nowMs();
    const ban = this.#banOn(caller, nowMs);
    if (ban === undefined) return;
    const { addressKey, expiresMs } = ban;
    const isNetwork = addressKey !== caller.person && addressKey !== caller.device;
    const who = isNetwork ? "this network is" : "you are";
    throw new DomainError("banned", `${who} banned until ${new Date(expiresMs).toISOString()}`, {
      retryAfterMs: expiresMs - nowMs,
      expiresMs,
      ban: noticeOf(ban),
    });
  }

  /**
   * Refuses and closes a session that was opened while its person, its browser or its network was being banned.
   * @throws DomainError `banned`
   */
  async refuseLate(caller: BanSubject): Promise<void> {
    const ban = this.#banOn(caller, this.deps.clock.nowMs());
    if (ban === undefined) return;
    this.#toClose.add(ban.addressKey);
    await this.#closeBanned();
    this.refuse(caller);
  }

  /** Applies a change of the bans on this instance at once. Never rejects; failures are retried. */
  async update(): Promise<void> {
    try {
      await this.#catchUp();
      await this.#closeBanned();
    } catch (error) {
      if (!isStoreAway(error)) this.deps.onError(error);
    }
  }

  /** The ban in force on the person, on the browser, on the network or on a wider one. */
  #banOn({ person, device, host }: BanSubject, nowMs: number): Ban | undefined {
    for (const key of [person, device, ...this.networkOf(host).levels]) {
      const ban = key === undefined ? undefined : this.#bans.get(key);
      if (isInForce(ban, nowMs)) return ban;
    }
    return undefined;
  }

  async #catchUp(): Promise<void> {
    for (;;) {
      const changed = await this.deps.records.bansAfter(this.#lastNumber, BATCH_SIZE);
      for (const { number, ...ban } of changed) {
        this.#lastNumber = Math.max(this.#lastNumber, number);
        this.#apply(ban);
      }
      if (changed.length < BATCH_SIZE) return;
    }
  }

  #apply(ban: Ban): void {
    if (isInForce(ban, this.deps.clock.nowMs())) {
      // A ban that only its appeal changed has closed its sessions.
      if (this.#bans.get(ban.addressKey)?.createdMs !== ban.createdMs) this.#toClose.add(ban.addressKey);
      this.#bans.set(withoutText(ban));
    } else {
      this.#bans.delete(ban.addressKey);
      this.#toClose.delete(ban.addressKey);
    }
  }

  /** Closes the sessions of banned networks. */
  async #closeBanned(): Promise<void> {
    const { lobby, clock } = this.deps;
    for (const addressKey of this.#toClose) {
      let closed: number;
      const closing = { addressKey, reason: "banned", keep: 0, limit: CLOSED_AT_ONCE } as const;
      do ({ closed } = await lobby.closeSessions({ ...closing, nowMs: clock.nowMs() }));
      while (closed === CLOSED_AT_ONCE);
      this.#toClose.delete(addressKey);
    }
  }

  #startPolling(): void {
    const { clock, onError } = this.deps;
    this.#stopPolling = runPeriodically(clock, { pauseMs: POLL_MS, act: () => this.#poll(), onError });
  }

  async #poll(): Promise<void> {
    this.#networks.clear();
    await this.update();
    if (++this.#polls % POLLS_PER_SWEEP === 0) this.#bans.sweep(this.deps.clock.nowMs());
  }
}

/** A ban without the text of its appeal, so that what is cached is small. */
function withoutText(ban: Ban): Ban {
  return ban.appeal === undefined ? ban : { ...ban, appeal: { ...ban.appeal, text: "" } };
}
