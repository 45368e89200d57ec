import type { SessionId } from "../../core/ids.js";
import type { Clock } from "../../ports/clock.js";
import type { EventCache } from "./event-cache.js";
import { busChannel } from "./keys.js";
import type { ScriptRunner } from "./script-runner.js";
import { Subscription } from "./subscription.js";

/** The bus counts as broken when no heartbeat, or other message, has been received for this long, in milliseconds. */
const SILENCE_MS = 5_000;
/** How long a renewed subscription has to receive a heartbeat before it is renewed again, in milliseconds. */
const REVIVAL_MS = 2_000;
/** When all mailboxes must be read: how many at once, and the pause between batches in milliseconds. */
const WAKES_AT_ONCE = 250;
const WAKES_PAUSE_MS = 25;

/**
 * The channel on which a node receives changes to its sessions, and its own heartbeats as proof that the channel works.
 * Messages are numbered: after a missing one, every mailbox is read.
 */
export class Bus {
  readonly #subscription: Subscription;
  /** When the oldest heartbeat that has not been received was sent; undefined if there is none. */
  #unheardSinceMs: number | undefined;
  #reportedSilent = false;
  /** Redis was unreachable, and no heartbeat has been received since: the subscription may be lost. */
  #isDoubted = false;
  #number: number | undefined;
  /** Sessions whose mailboxes are still to be read. */
  readonly #toWake = new Set<SessionId>();
  #cancelWaking: (() => void) | undefined;

  constructor(
    store: ScriptRunner,
    node: string,
    private readonly eventCache: EventCache,
    /** Monotonic: it measures silence. */
    private readonly clock: Clock,
    /** Called once when the bus becomes silent, with the duration so far, and without it when it recovers. */
    private readonly onChange: (silentMs?: number) => void,
  ) {
    this.#subscription = new Subscription(store, busChannel(store.settings.realm, node), clock, {
      onMessage: (message) => {
        this.#receive(message);
      },
      onGap: () => {
        this.invalidate();
      },
    });
  }

  /** @throws Error when Redis cannot be reached. */
  async listen(): Promise<void> {
    await this.#subscription.open();
  }

  /** Whether published messages do not arrive. */
  get isSilent(): boolean {
    return this.#reportedSilent || this.#silentMs >= SILENCE_MS;
  }

  /** Must be called before a heartbeat is published. */
  heartbeatSent(): void {
    this.#unheardSinceMs ??= this.clock.nowMs();
  }

  /** Redis did not accept the heartbeat, so that it need not arrive; the state of the bus is unknown. */
  heartbeatFailed(): void {
    this.#unheardSinceMs = undefined;
    this.#isDoubted = true;
  }

  /** Whether the bus should be checked again soon. */
  get isDoubted(): boolean {
    return this.#isDoubted;
  }

  /** Reports a silent bus and renews its subscription; a later heartbeat shows whether that helped. */
  checkHealth(): void {
    const silentMs = this.#silentMs;
    if (silentMs < (this.#reportedSilent || this.#isDoubted ? REVIVAL_MS : SILENCE_MS)) return;
    if (!this.#reportedSilent) this.onChange(silentMs);
    this.#reportedSilent = true;
    this.#unheardSinceMs = undefined;
    this.invalidate();
    this.#subscription.renew();
  }

  /** Messages may have been missed: reads every mailbox, in batches. */
  invalidate(): void {
    for (const sessionId of this.eventCache.invalidateAll()) this.#toWake.add(sessionId);
    if (this.#cancelWaking === undefined) this.#wakeSome();
  }

  close(): void {
    this.#cancelWaking?.();
    this.#subscription.close();
  }

  #wakeSome(): void {
    for (const sessionId of [...this.#toWake].slice(0, WAKES_AT_ONCE)) {
      this.#toWake.delete(sessionId);
      this.eventCache.wake(sessionId);
    }
    const wakeNext = () => {
      this.#wakeSome();
    };
    this.#cancelWaking = this.#toWake.size === 0 ? undefined : this.clock.after(WAKES_PAUSE_MS, wakeNext);
  }

  get #silentMs(): number {
    const nowMs = this.clock.nowMs();
    return nowMs - (this.#unheardSinceMs ?? nowMs);
  }

  #noteReceived(): void {
    this.#unheardSinceMs = undefined;
    if (this.#reportedSilent) this.onChange();
    this.#reportedSilent = false;
    this.#isDoubted = false;
  }

  /** Handles `<number of the last message> heartbeat`, or `<number> <notices for the event cache, one in each line>`. */
  #receive(message: string): void {
    this.#noteReceived();
    const space = message.indexOf(" ");
    const [number, text] = [Number(message.slice(0, space)), message.slice(space + 1)];
    const expected = this.#number === undefined ? number : this.#number + (text === "heartbeat" ? 0 : 1);
    this.#number = number;
    if (number !== expected) this.invalidate();
    this.eventCache.vouch(this.clock.nowMs() + SILENCE_MS);
    if (text === "heartbeat") return;
    for (const notice of text.split("\n")) this.eventCache.receive(notice);
  }
}
