import { isStoreAway } from "../core/errors.js";
import type { Random } from "../ports/random.js";
import type { Holder } from "../core/token.js";
import type { Clock } from "../ports/clock.js";
import type { Attachment } from "../ports/lobby.js";
import type { Mail, Mailbox, Position } from "../ports/mailbox.js";
import type { MatchMeter } from "../ports/meter.js";
import type { ClosingEvent, StreamMessage } from "./outbound.js";
import { recordDelivery } from "./record-delivery.js";
import { storeRetryMs } from "./store-retry.js";
import type { Stream } from "./streams.js";

interface SessionStreamDependencies {
  mailbox: Mailbox;
  clock: Clock;
  random: Random;
  meter: MatchMeter;
  settings: { resumeWindowMs: number; heartbeatMs: number };
}

/** The initial state of a stream. */
export interface StreamInit {
  holder: Holder;
  attachment: Attachment;
  welcome: StreamMessage;
  /** Releases the session. */
  leave: () => Promise<void>;
}

const nothing: readonly StreamMessage[] = [];

/**
 * Delivers a session's mailbox on one stream. The writer pulls: the stream reads more only when asked, so a slow client
 * delays no other.
 */
export class SessionStream {
  readonly holder: Holder;
  readonly #position: Position;
  readonly #leave: () => Promise<void>;
  readonly #unwatch: () => void;
  #welcome: StreamMessage | undefined;
  /** Whether the next events were appended while no stream was open. */
  #wasMissed: boolean;
  /** Whether the last message was read. */
  #isOver = false;
  #closing: Promise<void> | undefined;

  constructor(
    private readonly deps: SessionStreamDependencies,
    private readonly stream: Stream,
    { holder, attachment, welcome, leave }: StreamInit,
  ) {
    const { generation, epoch, lastSequence, resumed } = attachment;
    const { sessionId } = holder;
    this.holder = holder;
    this.#position = { sessionId, generation, epoch, afterSequence: lastSequence };
    this.#wasMissed = resumed;
    this.#welcome = welcome;
    this.#leave = leave;
    if (lastSequence > 0) stream.forgetAtMs = deps.clock.nowMs() + this.#keepMs;
    this.#unwatch = deps.mailbox.watch(sessionId, () => {
      stream.notifier.notify();
    });
  }

  /**
   * Returns `welcome`, then every event once and in order, in batches that fit one write; waits for the next. Returns
   * an empty batch at the end: the client disconnected, a newer stream took over, or the client was too slow for the
   * mailbox.
   */
  async next(): Promise<readonly StreamMessage[]> {
    try {
      const batch = this.#begin();
      if (batch.length > 0) return batch;
      while (this.#isOpen()) {
        this.stream.notifier.reset();
        const mail = this.#read();
        const events = this.#take(mail instanceof Promise ? await mail : mail);
        if (events.length > 0) return events;
        const controls = this.#isOpen() && this.stream.hasControls ? await this.#controls() : nothing;
        if (controls.length > 0) return controls;
        if (this.#isOpen()) await this.stream.notifier.wait();
      }
    } catch (error) {
      await this.#close();
      throw error;
    }
    await this.#close();
    return nothing;
  }

  /** Ends the stream of a disconnected client. Releases the session at once, whether or not a reader waits. */
  end(): void {
    this.stream.end();
    this.#close().catch(() => undefined); // a waiting reader gets the error
  }

  #isOpen(): boolean {
    return !this.#isOver && !this.stream.ended;
  }

  #close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#unwatch();
      this.#closing = this.#leave();
    }
    return this.#closing;
  }

  #begin(): readonly StreamMessage[] {
    if (this.#welcome === undefined || this.stream.ended) return nothing;
    const welcome = [this.#welcome];
    this.#welcome = undefined;
    return welcome;
  }

  /** Reads the mailbox. While the store is unavailable there are no events, and the stream stays open. */
  #read(): Mail | Promise<Mail> {
    const mail = this.deps.mailbox.read(this.#position);
    return mail instanceof Promise ? mail.catch((error: unknown) => this.#waitForStore(error)) : mail;
  }

  #waitForStore(error: unknown): Mail {
    if (!isStoreAway(error)) throw error;
    this.deps.clock.after(storeRetryMs(this.deps.random), () => {
      this.stream.notifier.notify();
    });
    return { state: "events", events: [] };
  }

  #take(mail: Mail): readonly StreamMessage[] {
    if (mail.state !== "events") {
      this.#isOver = true;
      return closingMessages(mail);
    }
    const { stream, deps } = this;
    const { events } = mail;
    const last = events.at(-1);
    if (last !== undefined) {
      stream.deliveredMs = deps.clock.nowMs();
      recordDelivery(deps.meter, stream, events, stream.deliveredMs, this.#wasMissed);
      this.#position.afterSequence = last.sequence;
      stream.forgetAtMs ??= stream.deliveredMs + this.#keepMs;
    }
    this.#wasMissed = false;
    return events;
  }

  /** The control events that are due. */
  async #controls(): Promise<StreamMessage[]> {
    const { stream } = this;
    const controls: StreamMessage[] = [];
    if (stream.heartbeatDue) {
      stream.heartbeatDue = false;
      controls.push({ sequence: 0, event: { type: "heartbeat" } });
      await this.#trim();
    }
    if (stream.drainAfterMs !== undefined && !stream.drainSent) {
      stream.drainSent = true;
      controls.push({ sequence: 0, event: { type: "draining", reconnectAfterMs: stream.drainAfterMs } });
    }
    this.#isOver = stream.shutDown;
    if (stream.shutDown) controls.push(closed("shutting_down", true));
    return controls;
  }

  /** How long delivered events are kept for a stream that resumes, in milliseconds. */
  get #keepMs(): number {
    const { resumeWindowMs, heartbeatMs } = this.deps.settings;
    return resumeWindowMs + 2 * heartbeatMs;
  }

  /** Trims events that no stream can request any more. Does not call the store if there are none. */
  async #trim(): Promise<void> {
    const { stream, deps } = this;
    const nowMs = deps.clock.nowMs();
    if (stream.forgetAtMs === undefined || nowMs < stream.forgetAtMs) return;
    try {
      await deps.mailbox.trim(this.holder.sessionId, nowMs - this.#keepMs);
      const next = stream.deliveredMs + this.#keepMs;
      stream.forgetAtMs = next > nowMs ? next : undefined;
    } catch (error) {
      if (!isStoreAway(error)) throw error; // the next heartbeat retries
    }
  }
}

/** The last messages of a stream; none for a gap. */
function closingMessages(mail: Exclude<Mail, { state: "events" }>): readonly StreamMessage[] {
  if (mail.state === "gap") return nothing;
  return [mail.state === "replaced" ? closed("replaced", false) : closed(mail.reason, mail.reason === "expired")];
}

function closed(reason: ClosingEvent["reason"], shouldReconnect: boolean): StreamMessage {
  return { sequence: 0, event: { type: "session_closed", reason, shouldReconnect } };
}
