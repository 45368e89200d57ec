import type { SessionId } from "../../core/ids.js";
import type { Clock } from "../../ports/clock.js";
import { Bus } from "./bus.js";
import type { Feeds } from "./feeds.js";
import { attachedKey } from "./keys.js";
import type { Store } from "./store.js";

/** How often a node shows that it lives and listens to itself, in milliseconds. */
const BEAT_MS = 3_000;
/** How soon it tries again when it could not or did not, in milliseconds. */
const RETRY_MS = 1_000;
/** How long a node is taken to live without a beat, in milliseconds. */
const LEASE_MS = 10_000;
/** After how many beats without an answer a connection that seems open is given up. */
const FAILURES = 3;
/** Every so many beats a node looks for sessions that it does not know of. */
const BEATS_PER_INVENTORY = 4;
/** How many sessions are put away in one step. */
const RELEASED_AT_ONCE = 500;

export interface MembershipSettings {
  /** How long a session that lost its stream may stay away, in milliseconds. */
  windowMs: number;
  /** Called once when the bus goes silent, with how long for, and without it when it is heard again. */
  onSilence: (silentMs?: number) => void;
}

/** What makes a process a node of the realm: a lease that it renews, and a bus on which it hears of its sessions. */
export class Membership {
  readonly #bus: Bus;
  /** Until when the lease holds, and since when it has been renewed without a failure; undefined while it is not. */
  #leasedUntilMs = 0;
  #steadySinceMs: number | undefined;
  /** Of the server that took the last beat. */
  #era: number | undefined;
  #beats = 0;
  #failures = 0;
  /** Sessions attached to this node that had no stream here at the last inventory. */
  #strays = new Set<SessionId>();
  #stopped = false;
  #cancel: (() => void) | undefined;

  private constructor(
    private readonly store: Store,
    private readonly node: string,
    private readonly feeds: Feeds,
    private readonly clock: Clock,
    private readonly settings: MembershipSettings,
  ) {
    this.#bus = new Bus(store, node, feeds, clock, settings.onSilence);
  }

  /**
   * Joins the realm.
   * @throws Error when Redis cannot be reached.
   */
  static async join(
    store: Store,
    node: string,
    feeds: Feeds,
    clock: Clock,
    settings: MembershipSettings,
  ): Promise<Membership> {
    const membership = new Membership(store, node, feeds, clock, settings);
    await membership.#bus.listen();
    await membership.#beat();
    return membership;
  }

  /** Whether the node may take streams: its lease holds and its bus is alive. */
  get isHealthy(): boolean {
    return this.#steadySinceMs !== undefined && this.clock.nowMs() < this.#leasedUntilMs && !this.#bus.isSilent;
  }

  /**
   * Whether the node may take others for dead. While Redis was away all leases ran out, its own too: it gives the others
   * a whole lease to show that they live.
   */
  get canJudge(): boolean {
    const nowMs = this.clock.nowMs();
    return nowMs < this.#leasedUntilMs && nowMs - (this.#steadySinceMs ?? nowMs) >= LEASE_MS;
  }

  /** Leaves the realm; what sessions are still attached are put away by the others. */
  async leave(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.store.run("renew", this.node, this.clock.nowMs(), this.clock.nowMs()).catch(() => undefined);
    this.#bus.close();
  }

  async #beat(): Promise<void> {
    try {
      await this.#renew();
      this.#failures = 0;
    } catch {
      this.#bus.excuseBeat();
      this.#steadySinceMs = undefined;
      if (++this.#failures % FAILURES === 0) this.store.revive();
    }
    this.#bus.tend();
    const isTroubled = this.#failures > 0 || this.#bus.isSilent || this.#bus.isDoubted;
    const pauseMs = isTroubled ? RETRY_MS : BEAT_MS;
    if (!this.#stopped) this.#cancel = this.clock.after(pauseMs, () => void this.#beat());
  }

  async #renew(): Promise<void> {
    const nowMs = this.clock.nowMs();
    this.#bus.expectBeat();
    const answer = await this.store.run("renew", this.node, nowMs + LEASE_MS, nowMs);
    const [heldOn, attached, era] = answer as [number, number, number];
    // Others may have put our sessions away, or another server holds the realm, which need not know what was told last.
    if (heldOn !== 1 || era !== (this.#era ?? era)) this.#bus.distrust();
    this.#era = era;
    this.#leasedUntilMs = nowMs + LEASE_MS;
    this.#steadySinceMs = heldOn === 1 ? (this.#steadySinceMs ?? nowMs) : nowMs;
    if (++this.#beats % BEATS_PER_INVENTORY !== 0) return;
    if (attached > this.feeds.size) await this.#takeInventory(nowMs);
    else this.#strays.clear();
  }

  /** Puts away what has been attached to this node without a stream since the last inventory. */
  async #takeInventory(nowMs: number): Promise<void> {
    const ids = await this.store.client.smembers(attachedKey(this.store.settings.realm, this.node));
    const strays = (ids as SessionId[]).filter((id) => !this.feeds.has(id));
    const lost = strays.filter((id) => this.#strays.has(id));
    this.#strays = new Set(strays);
    for (let from = 0; from < lost.length; from += RELEASED_AT_ONCE) {
      const some = lost.slice(from, from + RELEASED_AT_ONCE);
      await this.store.run("release", this.node, nowMs + this.settings.windowMs, nowMs, ...some);
    }
  }
}
