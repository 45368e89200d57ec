import type { Clock } from "../../ports/clock.js";
import type { Client } from "./connect.js";
import type { ScriptRunner } from "./script-runner.js";

/** First and longest delay before a client that could not subscribe is replaced, in milliseconds. */
const REPLACE_MS = 100;
const MAX_REPLACE_MS = 2_000;

/** How long a client may take to connect and to subscribe before it is replaced, in milliseconds. */
const OPENING_MS = 6_000;

interface Handlers {
  onMessage: (message: string) => void;
  /** Messages may have been missed, because there was no subscription. */
  onGap: () => void;
}

/** A subscription to one channel, which is restored whenever its connection is lost. */
export class Subscription {
  #client: Client;
  /** Consecutive failures to subscribe. */
  #refusals = 0;
  #cancelReplacing: (() => void) | undefined;
  /** When the current client replaced another; undefined once it has subscribed. */
  #openingSinceMs: number | undefined;
  #isClosed = false;

  constructor(
    private readonly store: ScriptRunner,
    private readonly channel: string,
    private readonly clock: Clock,
    private readonly handlers: Handlers,
  ) {
    this.#client = this.#createClient();
  }

  /** @throws Error when Redis cannot be reached. */
  async open(): Promise<void> {
    const client = this.#client;
    await client.connect();
    await this.#subscribe(client);
    this.#keepSubscribed(client, true);
  }

  /**
   * Replaces the client, whatever state it is in. Reconnecting it would not be enough: in a Cluster, ioredis never
   * subscribes again if it was disconnected while one of its connections for subscriptions was being opened. A client that
   * is still connecting gets time to do so.
   */
  renew(): void {
    const nowMs = this.clock.nowMs();
    if (this.#isClosed || nowMs - (this.#openingSinceMs ?? -Infinity) < OPENING_MS) return;
    this.#replace();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelReplacing?.();
    this.#client.disconnect();
  }

  #replace(): void {
    this.#openingSinceMs = this.clock.nowMs();
    this.#cancelReplacing?.();
    const former = this.#client;
    this.#client = this.#createClient();
    former.disconnect();
    this.#keepSubscribed(this.#client, false);
    this.#client.connect().catch(() => undefined); // it keeps trying
  }

  #createClient(): Client {
    const client = this.store.connect();
    const receive = (_channel: string, message: string) => {
      if (client === this.#client) this.handlers.onMessage(message);
    };
    return client.on("message", receive).on("smessage", receive);
  }

  /**
   * Subscribes on each new connection, because it has no subscriptions. In a Cluster, once is enough: each server has
   * its own connection for them, and ioredis subscribes again without leaving a rejection unhandled.
   */
  #keepSubscribed(client: Client, wasSubscribed: boolean): void {
    let isRegistered = wasSubscribed && this.store.isCluster;
    const subscribe = async () => {
      if (isRegistered) return;
      isRegistered = this.store.isCluster;
      await this.#subscribe(client);
      if (client === this.#client) this.#openingSinceMs = undefined;
      this.#refusals = 0;
      this.handlers.onGap();
    };
    client
      .on("subscribersReady", () => {
        this.handlers.onGap();
      })
      .on("ready", () => {
        this.handlers.onGap();
        subscribe().catch(() => {
          if (client === this.#client) this.#replaceLater();
        });
      });
  }

  async #subscribe(client: Client): Promise<void> {
    if (this.store.isCluster) await client.ssubscribe(this.channel);
    else await client.subscribe(this.channel);
  }

  /** Replaces the client, with exponential backoff. */
  #replaceLater(): void {
    const pauseMs = Math.min(REPLACE_MS * 2 ** this.#refusals++, MAX_REPLACE_MS);
    this.#cancelReplacing?.();
    this.#cancelReplacing = this.clock.after(pauseMs, () => {
      if (!this.#isClosed) this.#replace();
    });
  }
}
