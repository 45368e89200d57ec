import { isStoreAway } from "../core/errors.js";
import type { SessionId } from "../core/ids.js";
import type { Random } from "../ports/random.js";
import type { Clock } from "../ports/clock.js";
import type { Attachment } from "../ports/lobby.js";
import type { Mail, Mailbox, Position } from "../ports/mailbox.js";
import type { Meter } from "../ports/meter.js";
import { type ClosingEvent, type StreamMessage, storeRetryMs } from "./outbound.js";
import { recordDelivery } from "./record-delivery.js";
import type { Stream } from "./streams.js";

interface Parts {
  mailbox: Mailbox;
  clock: Clock;
  chance: Random;
  meter: Meter;
  settings: { resumeWindowMs: number; heartbeatMs: number };
}

/** What a stream begins with. */
export interface StreamInit {
  sessionId: SessionId;
  attachment: Attachment;
  welcome: StreamMessage;
  /** Lets go of the session. */
  leave: () => Promise<void>;
}

const nothing: readonly StreamMessage[] = [];

/**
 * A session's mailbox on its way down one stream. Pulled from: it reads on when it is asked for more, so that whoever
 * writes decides the pace, and whoever is slow makes nobody else wait.
 */
export class SessionStream {
  readonly sessionId: SessionId;
  readonly #position: Position;
  readonly #leave: () => Promise<void>;
  readonly #unwatch: () => void;
  #welcome: StreamMessage | undefined;
  /** Whether what comes next was missed while there was no stream. */
  #missed: boolean;
  /** Nothing follows. */
  #isOver = false;
  #closing: Promise<void> | undefined;

  constructor(
    private readonly parts: Parts,
    private readonly stream: Stream,
    { sessionId, attachment, welcome, leave }: StreamInit,
  ) {
    const { generation, epoch, lastSequence, resumed } = attachment;
    this.sessionId = sessionId;
    this.#position = { sessionId, generation, epoch, afterSequence: lastSequence };
    this.#missed = resumed;
    this.#welcome = welcome;
    this.#leave = leave;
    if (lastSequence > 0) stream.forgetAtMs = parts.clock.nowMs() + this.#keepMs;
    this.#unwatch = parts.mailbox.watch(sessionId, () => {
      stream.bell.notify();
    });
  }

  /**
   * `welcome`, then every event once and in order, in batches that belong into one write; waits for the next. Empty at
   * the end: the client is gone, a newer stream took over, or the client was too slow for the mailbox.
   */
  async next(): Promise<readonly StreamMessage[]> {
    try {
      const batch = this.#begin();
      if (batch.length > 0) return batch;
      while (this.#goesOn()) {
        this.stream.bell.reset();
        const mail = this.#read();
        const events = this.#take(mail instanceof Promise ? await mail : mail);
        if (events.length > 0) return events;
        const controls = this.#goesOn() && this.stream.hasControls ? await this.#controls() : nothing;
        if (controls.length > 0) return controls;
        if (this.#goesOn()) await this.stream.bell.wait();
      }
    } catch (error) {
      await this.#close();
      throw error;
    }
    await this.#close();
    return nothing;
  }

  /** The client is gone. Lets go of the session at once, whether or not anybody waits for more. */
  end(): void {
    this.stream.end();
    this.#close().catch(() => undefined); // whoever waits, if anyone does, gets the error
  }

  #goesOn(): boolean {
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

  /** Reads the mailbox. While the store is away there is nothing to tell, and the stream stays open. */
  #read(): Mail | Promise<Mail> {
    const mail = this.parts.mailbox.read(this.#position);
    return mail instanceof Promise ? mail.catch((error: unknown) => this.#waitForStore(error)) : mail;
  }

  #waitForStore(error: unknown): Mail {
    if (!isStoreAway(error)) throw error;
    this.parts.clock.after(storeRetryMs(this.parts.chance), () => {
      this.stream.bell.notify();
    });
    return { state: "events", events: [] };
  }

  #take(mail: Mail): readonly StreamMessage[] {
    if (mail.state !== "events") {
      this.#isOver = true;
      return lastWords(mail);
    }
    const { stream, parts } = this;
    const { events } = mail;
    const last = events.at(-1);
    if (last !== undefined) {
      stream.deliveredMs = parts.clock.nowMs();
      recordDelivery(parts.meter, stream, events, stream.deliveredMs, this.#missed);
      this.#position.afterSequence = last.sequence;
      stream.forgetAtMs ??= stream.deliveredMs + this.#keepMs;
    }
    this.#missed = false;
    return events;
  }

  /** What is due on a stream on which nothing else is. */
  async #controls(): Promise<StreamMessage[]> {
    const { stream } = this;
    const controls: StreamMessage[] = [];
    if (stream.heartbeatDue) {
      stream.heartbeatDue = false;
      controls.push({ sequence: 0, event: { type: "heartbeat" } });
      await this.#forget();
    }
    if (stream.drainAfterMs !== undefined && !stream.drainTold) {
      stream.drainTold = true;
      controls.push({ sequence: 0, event: { type: "draining", reconnectAfterMs: stream.drainAfterMs } });
    }
    this.#isOver = stream.shutDown;
    if (stream.shutDown) controls.push(closed("shutting_down", true));
    return controls;
  }

  /** How long a delivered event is kept for a stream that resumes, in milliseconds. */
  get #keepMs(): number {
    const { resumeWindowMs, heartbeatMs } = this.parts.settings;
    return resumeWindowMs + 2 * heartbeatMs;
  }

  /** Lets the mailbox forget what nobody can ask for any more. The store is not asked while there is nothing of the kind. */
  async #forget(): Promise<void> {
    const { stream, parts } = this;
    const nowMs = parts.clock.nowMs();
    if (stream.forgetAtMs === undefined || nowMs < stream.forgetAtMs) return;
    try {
      await parts.mailbox.trim(this.sessionId, nowMs - this.#keepMs);
      const next = stream.deliveredMs + this.#keepMs;
      stream.forgetAtMs = next > nowMs ? next : undefined;
    } catch (error) {
      if (!isStoreAway(error)) throw error; // the next heartbeat makes up for it
    }
  }
}

/** What a stream says at its end; of a gap, nothing. */
function lastWords(mail: Exclude<Mail, { state: "events" }>): readonly StreamMessage[] {
  if (mail.state === "gap") return nothing;
  return [mail.state === "replaced" ? closed("replaced", false) : closed(mail.reason, mail.reason === "expired")];
}

function closed(reason: ClosingEvent["reason"], shouldReconnect: boolean): StreamMessage {
  return { sequence: 0, event: { type: "session_closed", reason, shouldReconnect } };
}
