import type { SessionId } from "../../core/ids.js";
import { CLOSED_AT_ONCE } from "../../core/limits.js";
import type { Clock } from "../../ports/clock.js";
import type { Terms } from "./agreement.js";
import { Bus } from "./bus.js";
import type { RedisClock } from "./clock.js";
import type { EventCache } from "./event-cache.js";
import { attachedKey } from "./keys.js";
import type { ScriptRunner } from "./script-runner.js";

/** Interval between heartbeats, in milliseconds. */
const HEARTBEAT_MS = 3_000;
/** Interval between heartbeats while Redis or the bus fails, in milliseconds. */
const RETRY_MS = 1_000;
/** How long a node counts as alive after a heartbeat, in milliseconds. */
const LEASE_MS = 10_000;
/** Number of failed heartbeats after which an open connection is replaced. */
const FAILURES = 3;
/** Number of heartbeats between searches for orphaned sessions. */
const HEARTBEATS_PER_INVENTORY = 4;
/** Approximate number of sessions listed in one step. */
const LISTED_AT_ONCE = 500;

export interface MembershipSettings {
  /** How long a session that lost its stream may stay away, in milliseconds. */
  windowMs: number;
  /** Called once when the bus becomes silent, with the duration so far, and without it when it recovers. */
  onSilence: (silentMs?: number) => void;
  /** Called once when settings differ from those of the realm, with their names. */
  onDisagreement?: (names: readonly string[]) => void;
  /** Called after each heartbeat. */
  onHeartbeat?: () => void;
}

/** The clocks of a node: the shared time of the realm, and a monotonic clock. */
export interface Clocks {
  realm: RedisClock;
  steady: Clock;
}

/** Makes a process a node of the realm: renews its lease, and listens to the bus for changes to its sessions. */
export class Membership {
  readonly #bus: Bus;
  /** When the lease expires, and since when it has been renewed without a failure; undefined after a failure. */
  #leasedUntilMs = 0;
  #steadySinceMs: number | undefined;
  /** Incarnation of the server that accepted the last heartbeat. */
  #incarnation: number | undefined;
  #heartbeats = 0;
  #failures = 0;
  /** Settings that differ from those of other live nodes. The node holds no lease while there are any. */
  #differing: readonly string[] = [];
  /** Sessions attached to this node that had no stream here at the last inventory. */
  #orphans = new Set<SessionId>();
  #stopped = false;
  #cancel: (() => void) | undefined;

  private constructor(
    private readonly store: ScriptRunner,
    private readonly node: string,
    private readonly eventCache: EventCache,
    private readonly clocks: Clocks,
    private readonly agreement: Terms,
    private readonly settings: MembershipSettings,
  ) {
    this.#bus = new Bus(store, node, eventCache, clocks.steady, settings.onSilence);
  }

  /**
   * Joins the realm.
   * @throws Error if Redis is unreachable or refuses writes, or if the settings differ from those of other nodes.
   */
  static async join(
    store: ScriptRunner,
    node: string,
    eventCache: EventCache,
    clocks: Clocks,
    agreement: Terms,
    settings: MembershipSettings,
  ): Promise<Membership> {
    const membership = new Membership(store, node, eventCache, clocks, agreement, settings);
    try {
      await membership.#bus.listen();
      await membership.#renew();
      if (membership.#differing.length > 0) throw new Error(agreement.explain(membership.#differing));
    } catch (error) {
      membership.#bus.close();
      throw error;
    }
    membership.#scheduleHeartbeat(HEARTBEAT_MS);
    return membership;
  }

  /** Describes the current problems, one sentence each. */
  get troubles(): string[] {
    const silent = this.#bus.isSilent ? ["messages published by Redis do not arrive"] : [];
    const other = this.#differing.length > 0 ? [this.agreement.explain(this.#differing)] : [];
    return [...silent, ...other];
  }

  /** Whether no differing settings of other nodes are known. */
  get agrees(): boolean {
    return this.#differing.length === 0;
  }

  /** Whether the node may accept streams: its lease is valid and its bus works. */
  get isHealthy(): boolean {
    const isLeased = this.#steadySinceMs !== undefined && this.clocks.steady.nowMs() < this.#leasedUntilMs;
    return isLeased && !this.#bus.isSilent;
  }

  /**
   * Whether the node may declare others dead. While Redis was unreachable, all leases expired, including its own, so
   * the others get the length of a lease to renew theirs.
   */
  get mayReap(): boolean {
    const nowMs = this.clocks.steady.nowMs();
    return nowMs < this.#leasedUntilMs && nowMs - (this.#steadySinceMs ?? nowMs) >= LEASE_MS;
  }

  /** Leaves the realm. The other nodes mark sessions that are still attached as away. */
  async leave(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.store.run("renew", this.node, 0).catch(() => undefined);
    this.#bus.close();
  }

  /** Never rejects: failures show in `troubles` and `isHealthy`. */
  async #heartbeat(): Promise<void> {
    try {
      await this.#renew();
      this.#failures = 0;
    } catch {
      this.#bus.heartbeatFailed();
      this.#steadySinceMs = undefined;
      if (++this.#failures % FAILURES === 0) this.store.revive();
    }
    this.#bus.checkHealth();
    this.settings.onHeartbeat?.();
    const isTroubled = this.#failures > 0 || this.#bus.isSilent || this.#bus.isDoubted;
    if (!this.#stopped) this.#scheduleHeartbeat(isTroubled ? RETRY_MS : HEARTBEAT_MS);
  }

  #scheduleHeartbeat(pauseMs: number): void {
    this.#cancel = this.clocks.steady.after(pauseMs, () => {
      this.#heartbeat().catch(() => {
        this.#scheduleHeartbeat(RETRY_MS); // after any error: without heartbeats, the node would count as dead
      });
    });
  }

  async #renew(): Promise<void> {
    const nowMs = this.clocks.steady.nowMs();
    this.#bus.heartbeatSent();
    const answer = (await this.store.run("renew", this.node, LEASE_MS, ...this.agreement.pairs)) as [number];
    this.clocks.realm.take(answer[0], nowMs);
    const [, wasValid, attached, incarnation] = answer as unknown as [number, number | string, number, number];
    if (typeof wasValid === "string") {
      this.#disagree(answer.slice(1).map(String));
      return;
    }
    this.#differing = [];
    this.store.health.wrote();
    // Other nodes may have released the sessions, or a new server may have lost the latest events.
    if (wasValid !== 1 || incarnation !== (this.#incarnation ?? incarnation)) this.#bus.invalidate();
    this.#incarnation = incarnation;
    this.#leasedUntilMs = nowMs + LEASE_MS;
    this.#steadySinceMs = wasValid === 1 ? (this.#steadySinceMs ?? nowMs) : nowMs;
    if (++this.#heartbeats % HEARTBEATS_PER_INVENTORY !== 0) return;
    if (attached > this.eventCache.size) await this.#takeInventory();
    else this.#orphans.clear();
  }

  /** Redis lost its data, and nodes with other settings joined first: this node holds no lease until they leave. */
  #disagree(names: readonly string[]): void {
    if (this.#differing.length === 0) this.settings.onDisagreement?.(names);
    this.#differing = names;
    this.#steadySinceMs = undefined;
    this.#bus.heartbeatFailed();
  }

  /** Releases sessions that have been attached to this node without a stream since the last inventory. */
  async #takeInventory(): Promise<void> {
    const orphans = await this.#listOrphans();
    const lost = [...orphans].filter((id) => this.#orphans.has(id));
    this.#orphans = orphans;
    for (let from = 0; from < lost.length; from += CLOSED_AT_ONCE) {
      const some = lost.slice(from, from + CLOSED_AT_ONCE);
      const nowMs = this.clocks.realm.nowMs();
      await this.store.run("release", this.node, nowMs + this.settings.windowMs, nowMs, ...some);
    }
  }

  /** Lists orphaned sessions in steps: a node may have many sessions, and Redis is blocked while it lists them. */
  async #listOrphans(): Promise<Set<SessionId>> {
    const key = attachedKey(this.store.settings.realm, this.node);
    const orphans = new Set<SessionId>();
    let cursor = "0";
    do {
      const [next, ids] = await this.store.client.sscan(key, cursor, "COUNT", LISTED_AT_ONCE);
      for (const id of ids as SessionId[]) if (!this.eventCache.has(id)) orphans.add(id);
      cursor = next;
    } while (cursor !== "0");
    return orphans;
  }
}
