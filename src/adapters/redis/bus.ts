import type { SessionId } from "../../core/ids.js";
import type { Clock } from "../../ports/clock.js";
import type { EventCache } from "./event-cache.js";
import { busChannel } from "./keys.js";
import type { ScriptRunner } from "./script-runner.js";

/** A bus on which a beat has not been heard for this long is taken for broken, in milliseconds. */
const SILENCE_MS = 5_000;
/** How long a subscription that was opened anew may take until it is opened once more, in milliseconds. */
const REVIVAL_MS = 2_000;
/** How long until it is subscribed again after that failed, at first and at most, in milliseconds. */
const RESUBSCRIBE_MS = 100;
const MOST_RESUBSCRIBE_MS = 2_000;
/** How many mailboxes are read at once when all must be, and how long until the next, in milliseconds. */
const WAKES_AT_ONCE = 250;
const WAKES_PAUSE_MS = 25;

/**
 * The channel on which a node hears of its sessions and, as a proof that the channel works, of itself. Its messages are
 * numbered: after a missing one every mailbox is read.
 */
export class Bus {
  readonly #subscriber;
  /** When the first beat was sent of those that have not been heard; undefined while there is none. */
  #unheardSinceMs: number | undefined;
  #toldSilent = false;
  /** Redis was out of reach, and no beat has been heard since: the subscription may have gone with the server. */
  #isDoubted = false;
  #number: number | undefined;
  /** Whose mailboxes must be read still, and how to stop reading them. */
  readonly #toWake = new Set<SessionId>();
  #cancelWaking: (() => void) | undefined;
  /** How often in a row it could not be subscribed, and how to stop trying again. */
  #refusals = 0;
  #cancelSubscribing: (() => void) | undefined;
  #isClosed = false;

  constructor(
    private readonly store: ScriptRunner,
    private readonly node: string,
    private readonly feeds: EventCache,
    /** Never set back or ahead: silence is counted on it. */
    private readonly clock: Clock,
    /** Called once when the bus goes silent, with how long for, and without it when it is heard again. */
    private readonly onChange: (silentMs?: number) => void,
  ) {
    this.#subscriber = store.connect();
  }

  /** @throws Error when Redis cannot be reached. */
  async listen(): Promise<void> {
    const receive = (_channel: string, message: string) => {
      this.#receive(message);
    };
    this.#subscriber.on("message", receive).on("smessage", receive);
    await this.#subscriber.connect();
    await this.#subscribe();
    const distrust = () => {
      this.invalidate(); // what came while nobody listened
    };
    this.#subscriber.on("subscribersReady", distrust).on("ready", () => {
      distrust();
      this.#subscribeAgain().catch(this.#retrySubscribing);
    });
  }

  async #subscribe(): Promise<void> {
    const channel = busChannel(this.store.settings.realm, this.node);
    if (this.store.isCluster) await this.#subscriber.ssubscribe(channel);
    else await this.#subscriber.subscribe(channel);
  }

  /**
   * A new connection has no subscriptions. In a Cluster, where each server has a connection of its own for them, the
   * library looks after that and drops none of its promises; what it fails to do shows as silence.
   */
  async #subscribeAgain(): Promise<void> {
    if (this.store.isCluster) return;
    await this.#subscribe();
    this.#refusals = 0;
    this.invalidate();
  }

  /** A connection on which that failed is given up for another, after longer and longer pauses. */
  readonly #retrySubscribing = (): void => {
    const pauseMs = Math.min(RESUBSCRIBE_MS * 2 ** this.#refusals++, MOST_RESUBSCRIBE_MS);
    this.#cancelSubscribing?.();
    this.#cancelSubscribing = this.clock.after(pauseMs, () => {
      if (!this.#isClosed && this.#subscriber.status === "ready") this.#subscriber.disconnect(true);
    });
  };

  /** Whether Redis publishes what does not come through. */
  get isSilent(): boolean {
    return this.#toldSilent || this.#silentMs >= SILENCE_MS;
  }

  /** To be called before a beat is published. */
  heartbeatSent(): void {
    this.#unheardSinceMs ??= this.clock.nowMs();
  }

  /** Redis did not take the beat: it need not be heard, so nothing is known of the bus. */
  heartbeatFailed(): void {
    this.#unheardSinceMs = undefined;
    this.#isDoubted = true;
  }

  /** Whether it is worth looking again soon. */
  get isDoubted(): boolean {
    return this.#isDoubted;
  }

  /** A silent bus is told of, and its subscription opened anew; that takes until a later beat to show. */
  checkHealth(): void {
    const silentMs = this.#silentMs;
    if (silentMs < (this.#toldSilent || this.#isDoubted ? REVIVAL_MS : SILENCE_MS)) return;
    if (!this.#toldSilent) this.onChange(silentMs);
    this.#toldSilent = true;
    this.#unheardSinceMs = undefined;
    this.invalidate();
    if (this.#subscriber.status === "ready") this.#subscriber.disconnect(true);
  }

  /** Something may have been missed: every mailbox is read, not all at the same moment. */
  invalidate(): void {
    for (const sessionId of this.feeds.invalidateAll()) this.#toWake.add(sessionId);
    if (this.#cancelWaking === undefined) this.#wakeSome();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelWaking?.();
    this.#cancelSubscribing?.();
    this.#subscriber.disconnect();
  }

  #wakeSome(): void {
    for (const sessionId of [...this.#toWake].slice(0, WAKES_AT_ONCE)) {
      this.#toWake.delete(sessionId);
      this.feeds.wake(sessionId);
    }
    const goOn = () => {
      this.#wakeSome();
    };
    this.#cancelWaking = this.#toWake.size === 0 ? undefined : this.clock.after(WAKES_PAUSE_MS, goOn);
  }

  get #silentMs(): number {
    const nowMs = this.clock.nowMs();
    return nowMs - (this.#unheardSinceMs ?? nowMs);
  }

  #hear(): void {
    this.#unheardSinceMs = undefined;
    if (this.#toldSilent) this.onChange();
    this.#toldSilent = false;
    this.#isDoubted = false;
  }

  /** `<number of the last message> beat`, or `<number> <what feeds understand>`. */
  #receive(message: string): void {
    this.#hear();
    const space = message.indexOf(" ");
    const [number, text] = [Number(message.slice(0, space)), message.slice(space + 1)];
    const expected = this.#number === undefined ? number : this.#number + (text === "beat" ? 0 : 1);
    this.#number = number;
    if (number !== expected) this.invalidate();
    if (text !== "beat") this.feeds.receive(text);
  }
}
