import type { Clock } from "../../ports/clock.js";
import type { Feeds } from "./feeds.js";
import { busChannel } from "./keys.js";
import type { Store } from "./store.js";

/** How often a node shows that it lives and listens to itself, in milliseconds. */
const BEAT_MS = 3_000;
/** How long a node is taken to live without a beat, in milliseconds. */
const LEASE_MS = 10_000;
/** A bus on which a node has not heard itself for this long is taken for broken, in milliseconds. */
const SILENCE_MS = 8_000;

/**
 * What makes a process a node of the realm: a lease that it renews, and a channel on which it hears of its sessions and,
 * as a proof that the channel works, of itself.
 */
export class Membership {
  readonly #subscriber;
  #heardMs: number;
  #leased = false;
  #stopped = false;
  #cancel: (() => void) | undefined;

  private constructor(
    private readonly store: Store,
    private readonly node: string,
    private readonly feeds: Feeds,
    private readonly clock: Clock,
  ) {
    this.#subscriber = store.connect();
    this.#heardMs = clock.nowMs();
  }

  /** Joins the realm. @throws Error when Redis cannot be reached. */
  static async join(store: Store, node: string, feeds: Feeds, clock: Clock): Promise<Membership> {
    const membership = new Membership(store, node, feeds, clock);
    await membership.#listen();
    await membership.#beat();
    return membership;
  }

  /** Whether the node may take streams: its lease holds and its bus is alive. */
  get isHealthy(): boolean {
    return this.#leased && this.clock.nowMs() - this.#heardMs < SILENCE_MS;
  }

  /** Leaves the realm; what sessions are still attached are put away by the others. */
  async leave(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.store.run("renew", this.node, this.clock.nowMs(), this.clock.nowMs()).catch(() => undefined);
    this.#subscriber.disconnect();
  }

  async #listen(): Promise<void> {
    const channel = busChannel(this.store.settings.realm, this.node);
    const receive = (_channel: string, message: string) => {
      this.#heardMs = this.clock.nowMs();
      if (message !== "beat") this.feeds.receive(message);
    };
    this.#subscriber.on("message", receive).on("smessage", receive);
    // A subscription that was lost and taken up again has missed what came in between.
    this.#subscriber.on("ready", () => {
      this.feeds.distrust();
    });
    await this.#subscriber.connect();
    if (this.store.isCluster) await this.#subscriber.ssubscribe(channel);
    else await this.#subscriber.subscribe(channel);
  }

  async #beat(): Promise<void> {
    const nowMs = this.clock.nowMs();
    try {
      const heldOn = (await this.store.run("renew", this.node, nowMs + LEASE_MS, nowMs)) === 1;
      if (!heldOn) this.feeds.distrust(); // others may have put our sessions away
      this.#leased = true;
      const channel = busChannel(this.store.settings.realm, this.node);
      const { client } = this.store;
      await (this.store.isCluster ? client.spublish(channel, "beat") : client.publish(channel, "beat"));
    } catch {
      this.#leased = false;
    }
    if (nowMs - this.#heardMs >= SILENCE_MS) this.#revive();
    if (!this.#stopped) this.#cancel = this.clock.after(BEAT_MS, () => void this.#beat());
  }

  /** Opens the subscription anew: it is there, but nothing comes through. */
  #revive(): void {
    this.feeds.distrust();
    if (this.#subscriber.status === "ready") this.#subscriber.disconnect(true);
  }
}
