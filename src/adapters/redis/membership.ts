import type { SessionId } from "../../core/ids.js";
import type { Clock } from "../../ports/clock.js";
import type { Agreement } from "./agreement.js";
import { Bus } from "./bus.js";
import type { RedisClock } from "./clock.js";
import type { EventCache } from "./event-cache.js";
import { attachedKey } from "./keys.js";
import type { ScriptRunner } from "./script-runner.js";

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
/** About how many sessions are listed in one step. */
const LISTED_AT_ONCE = 500;
/** How many sessions are put away in one step. */
const RELEASED_AT_ONCE = 500;

export interface MembershipSettings {
  /** How long a session that lost its stream may stay away, in milliseconds. */
  windowMs: number;
  /** Called once when the bus goes silent, with how long for, and without it when it is heard again. */
  onSilence: (silentMs?: number) => void;
  /** Called once when others of the realm turn out to go by something else, with what that is. */
  onDisagreement?: (names: readonly string[]) => void;
  /** Called after each beat. */
  onBeat?: () => void;
}

/** What a node goes by: the time of the realm, and one that is never set back or ahead. */
export interface Clocks {
  realm: RedisClock;
  steady: Clock;
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
  /** What others that live see otherwise; the node has no lease meanwhile. */
  #differing: readonly string[] = [];
  /** Sessions attached to this node that had no stream here at the last inventory. */
  #strays = new Set<SessionId>();
  #stopped = false;
  #cancel: (() => void) | undefined;

  private constructor(
    private readonly store: ScriptRunner,
    private readonly node: string,
    private readonly feeds: EventCache,
    private readonly clocks: Clocks,
    private readonly agreement: Agreement,
    private readonly settings: MembershipSettings,
  ) {
    this.#bus = new Bus(store, node, feeds, clocks.steady, settings.onSilence);
  }

  /**
   * Joins the realm.
   * @throws Error when Redis cannot be reached, takes no changes, or when others of the realm go by something else.
   */
  static async join(
    store: ScriptRunner,
    node: string,
    feeds: EventCache,
    clocks: Clocks,
    agreement: Agreement,
    settings: MembershipSettings,
  ): Promise<Membership> {
    const membership = new Membership(store, node, feeds, clocks, agreement, settings);
    try {
      await membership.#bus.listen();
      await membership.#renew();
      if (membership.#differing.length > 0) throw new Error(agreement.explain(membership.#differing));
    } catch (error) {
      membership.#bus.close();
      throw error;
    }
    membership.#beatLater(BEAT_MS);
    return membership;
  }

  /** What is wrong, a sentence each. */
  get troubles(): string[] {
    const silent = this.#bus.isSilent ? ["what Redis publishes does not arrive"] : [];
    const other = this.#differing.length > 0 ? [this.agreement.explain(this.#differing)] : [];
    return [...silent, ...other];
  }

  /** Whether the others of the realm go by the same, as far as is known. */
  get agrees(): boolean {
    return this.#differing.length === 0;
  }

  /** Whether the node may take streams: its lease holds and its bus is alive. */
  get isHealthy(): boolean {
    const isLeased = this.#steadySinceMs !== undefined && this.clocks.steady.nowMs() < this.#leasedUntilMs;
    return isLeased && !this.#bus.isSilent;
  }

  /**
   * Whether the node may take others for dead. While Redis was away all leases ran out, its own too: it gives the others
   * a whole lease to show that they live.
   */
  get mayReap(): boolean {
    const nowMs = this.clocks.steady.nowMs();
    return nowMs < this.#leasedUntilMs && nowMs - (this.#steadySinceMs ?? nowMs) >= LEASE_MS;
  }

  /** Leaves the realm; what sessions are still attached are put away by the others. */
  async leave(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.store.run("renew", this.node, 0).catch(() => undefined);
    this.#bus.close();
  }

  /** Never fails: what goes wrong shows in what the node says of itself. */
  async #beat(): Promise<void> {
    try {
      await this.#renew();
      this.#failures = 0;
    } catch {
      this.#bus.heartbeatFailed();
      this.#steadySinceMs = undefined;
      if (++this.#failures % FAILURES === 0) this.store.revive();
    }
    this.#bus.checkHealth();
    this.settings.onBeat?.();
    const isTroubled = this.#failures > 0 || this.#bus.isSilent || this.#bus.isDoubted;
    if (!this.#stopped) this.#beatLater(isTroubled ? RETRY_MS : BEAT_MS);
  }

  #beatLater(pauseMs: number): void {
    this.#cancel = this.clocks.steady.after(pauseMs, () => {
      this.#beat().catch(() => {
        this.#beatLater(RETRY_MS); // whatever went wrong, a node without a beat is dead
      });
    });
  }

  async #renew(): Promise<void> {
    const nowMs = this.clocks.steady.nowMs();
    this.#bus.heartbeatSent();
    const answer = (await this.store.run("renew", this.node, LEASE_MS, ...this.agreement.pairs)) as [number];
    this.clocks.realm.take(answer[0], nowMs);
    const [, heldOn, attached, era] = answer as unknown as [number, number | string, number, number];
    if (typeof heldOn === "string") {
      this.#disagree(answer.slice(1).map(String));
      return;
    }
    this.#differing = [];
    this.store.health.wrote();
    // Others may have put our sessions away, or another server holds the realm, which need not know what was told last.
    if (heldOn !== 1 || era !== (this.#era ?? era)) this.#bus.invalidate();
    this.#era = era;
    this.#leasedUntilMs = nowMs + LEASE_MS;
    this.#steadySinceMs = heldOn === 1 ? (this.#steadySinceMs ?? nowMs) : nowMs;
    if (++this.#beats % BEATS_PER_INVENTORY !== 0) return;
    if (attached > this.feeds.size) await this.#takeInventory();
    else this.#strays.clear();
  }

  /** Redis came back empty, and others were faster: this node holds no lease until they are gone. */
  #disagree(names: readonly string[]): void {
    if (this.#differing.length === 0) this.settings.onDisagreement?.(names);
    this.#differing = names;
    this.#steadySinceMs = undefined;
    this.#bus.heartbeatFailed();
  }

  /** Puts away what has been attached to this node without a stream since the last inventory. */
  async #takeInventory(): Promise<void> {
    const strays = await this.#listStrays();
    const lost = [...strays].filter((id) => this.#strays.has(id));
    this.#strays = strays;
    for (let from = 0; from < lost.length; from += RELEASED_AT_ONCE) {
      const some = lost.slice(from, from + RELEASED_AT_ONCE);
      const nowMs = this.clocks.realm.nowMs();
      await this.store.run("release", this.node, nowMs + this.settings.windowMs, nowMs, ...some);
    }
  }

  /** In steps: a node may have as many sessions as fit on it, and Redis serves nobody else while it lists them. */
  async #listStrays(): Promise<Set<SessionId>> {
    const key = attachedKey(this.store.settings.realm, this.node);
    const strays = new Set<SessionId>();
    let cursor = "0";
    do {
      const [next, ids] = await this.store.client.sscan(key, cursor, "COUNT", LISTED_AT_ONCE);
      for (const id of ids as SessionId[]) if (!this.feeds.has(id)) strays.add(id);
      cursor = next;
    } while (cursor !== "0");
    return strays;
  }
}
