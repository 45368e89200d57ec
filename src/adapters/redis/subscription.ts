import type { Clock } from "../../ports/clock.js";
import type { Client } from "./connect.js";
import type { ScriptRunner } from "./script-runner.js";

/** First and longest delay before a client that could not subscribe is replaced, in milliseconds. */
const REPLACE_MS = 100;
const MAX_REPLACE_MS = 2_000;

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
   * subscribes again if it was disconnected while one of its connections for subscriptions was being opened.
   */
  renew(): void {
    if (this.#isClosed) return;
    this.#cancelReplacing?.();
    const former = this.#client;
    this.#client = this.#createClient();
    former.disconnect();
    this.#keepSubscribed(this.#client, false);
    this.#client.connect().catch(() => undefined); // it keeps trying
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelReplacing?.();
    this.#client.disconnect();
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
      this.renew();
    });
  }
}
