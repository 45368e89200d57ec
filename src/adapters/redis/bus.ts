import type { Clock } from "../../ports/clock.js";
import type { Feeds } from "./feeds.js";
import { busChannel } from "./keys.js";
import type { Store } from "./store.js";

/** A bus on which a node has not heard itself for this long is taken for broken, in milliseconds. */
const SILENCE_MS = 8_000;

/**
 * The channel on which a node hears of its sessions and, as a proof that the channel works, of itself. Its messages are
 * numbered: after a missing one every mailbox is read.
 */
export class Bus {
  readonly #subscriber;
  #heardMs: number;
  #number: number | undefined;

  constructor(
    private readonly store: Store,
    private readonly node: string,
    private readonly feeds: Feeds,
    private readonly clock: Clock,
  ) {
    this.#subscriber = store.connect();
    this.#heardMs = clock.nowMs();
  }

  /** @throws Error when Redis cannot be reached. */
  async listen(): Promise<void> {
    const channel = busChannel(this.store.settings.realm, this.node);
    const receive = (_channel: string, message: string) => {
      this.#receive(message);
    };
    this.#subscriber.on("message", receive).on("smessage", receive);
    const distrust = () => {
      this.feeds.distrust(); // what came while nobody listened
    };
    this.#subscriber.on("ready", distrust).on("subscribersReady", distrust);
    await this.#subscriber.connect();
    if (this.store.isCluster) await this.#subscriber.ssubscribe(channel);
    else await this.#subscriber.subscribe(channel);
  }

  get isSilent(): boolean {
    return this.clock.nowMs() - this.#heardMs >= SILENCE_MS;
  }

  /** Opens the subscription anew: it is there, but nothing comes through. */
  revive(): void {
    this.feeds.distrust();
    if (this.#subscriber.status === "ready") this.#subscriber.disconnect(true);
  }

  close(): void {
    this.#subscriber.disconnect();
  }

  /** `<number of the last message> beat`, or `<number> <what feeds understand>`. */
  #receive(message: string): void {
    this.#heardMs = this.clock.nowMs();
    const space = message.indexOf(" ");
    const [number, text] = [Number(message.slice(0, space)), message.slice(space + 1)];
    const expected = this.#number === undefined ? number : this.#number + (text === "beat" ? 0 : 1);
    this.#number = number;
    if (number !== expected) this.feeds.distrust();
    if (text !== "beat") this.feeds.receive(text);
  }
}
