import { isStoreAway } from "../../core/errors.js";
import { type DatedEvent, type LogEvent, spanOf } from "../../core/log-event.js";
import type { Clock } from "../../ports/clock.js";
import type { EventSink } from "../../ports/event-log.js";
import type { EventJournal } from "./event-log.js";

/** How many events are sent at once. */
const BATCH_SIZE = 500;
/** How many batches may be under way before those of a turn of the event loop are sent together, and at all. */
const [FEW_BATCHES, MAX_BATCHES] = [64, 1_000];
/** Longest delay of an end, in milliseconds. It is sent earlier if a beginning is. */
const END_WAIT_MS = 50;
/** How many events wait before those that can be are dropped. */
const MAX_WAITING = 20_000;
/** The pause after a failure, in milliseconds. */
const RETRY_MS = 1_000;
/** How long `close` waits for the store, in milliseconds. */
const CLOSE_MS = 3_000;

interface Parts {
  journal: EventJournal;
  /** Names this run of the server. */
  run: string;
  clock: Clock;
  /** Max waiting events; tests override the default. */
  maxWaiting?: number;
  /** Called with errors other than those of a store that is unavailable. */
  onError: (error: unknown) => void;
}

/**
 * Takes the events of a lobby in memory and stores them in order, in the background. While the store fails, they wait.
 * When too many wait, those of spans that both began and ended meanwhile are dropped, and an event counts them: what was
 * stored as begun still gets its end, and what waits is bounded by the number of open sessions.
 */
export class EventOutbox implements EventSink {
  /** Events that were not sent yet, by what they say, in order. */
  readonly #waiting = new Map<string, DatedEvent>();
  /** Events that were sent and are not known to be stored, in order. */
  #sent: DatedEvent[] = [];
  /** Position of the last stored event. */
  #stored = 0;
  #underWay = 0;
  #lost = 0;
  #others = 0;
  #isScheduled = false;
  #areEndsScheduled = false;
  #isPaused = false;
  #isClosed = false;
  #onIdle: () => void = () => undefined;

  constructor(private readonly parts: Parts) {
    this.#send([]); // ends what the run before left open
  }

  /** Number of events that are not known to be stored. */
  get pending(): number {
    return this.#waiting.size + this.#sent.length;
  }

  record(event: LogEvent, nowMs: number): void {
    const span = spanOf(event);
    const name = span === undefined ? String(++this.#others) : nameOf(span, span.begins);
    const isFull = this.#waiting.size >= (this.parts.maxWaiting ?? MAX_WAITING);
    if (isFull && span !== undefined && !span.begins && this.#waiting.delete(nameOf(span, true))) this.#lost += 2;
    else this.#waiting.set(name, { event, atMs: nowMs });
    if (span?.begins === false) this.#scheduleEnds();
    else this.#schedule();
  }

  /** Stores what waits and ends what is open. Gives up after a while. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const limit = new Promise<void>((resolve) => {
      this.parts.clock.after(CLOSE_MS, resolve);
    });
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      this.#sendWaiting();
    });
    const finished = idle.then(() => this.parts.journal.finish(this.parts.clock.nowMs()));
    await Promise.race([finished.catch(this.#onError), limit]);
  }

  readonly #onError = (error: unknown) => {
    if (!isStoreAway(error)) this.parts.onError(error);
  };

  /**
   * Sends the events of a step before anything that it causes, so that no client knows of what a killed server has not
   * recorded. Under load, sends those of a turn of the event loop together.
   */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const send = () => {
      this.#isScheduled = false;
      this.#sendWaiting();
    };
    if (this.#underWay < FEW_BATCHES) queueMicrotask(send);
    else setImmediate(send);
  }

  /** Ends may be late: if the server is killed first, the next run records them as `server_lost`. */
  #scheduleEnds(): void {
    if (this.#isScheduled || this.#areEndsScheduled) return;
    this.#areEndsScheduled = true;
    this.parts.clock.after(END_WAIT_MS, () => {
      this.#areEndsScheduled = false;
      this.#sendWaiting();
    });
  }

  #sendWaiting(): void {
    while (this.#waiting.size > 0 && this.#underWay < MAX_BATCHES && !this.#isPaused) this.#send(this.#take());
    this.#noteIdle();
  }

  /** Takes the next batch. An event about those that were lost precedes it. */
  #take(): DatedEvent[] {
    const batch: DatedEvent[] = [];
    if (this.#lost > 0) {
      batch.push({ event: { type: "events_lost", count: this.#lost }, atMs: this.parts.clock.nowMs() });
      this.#lost = 0;
    }
    for (const [name, dated] of this.#waiting) {
      if (batch.length >= BATCH_SIZE) break;
      batch.push(dated);
      this.#waiting.delete(name);
    }
    return batch;
  }

  #send(events: DatedEvent[]): void {
    const first = this.#stored + this.#sent.length + 1;
    this.#sent.push(...events);
    this.#append(first, events);
  }

  #append(first: number, events: readonly DatedEvent[]): void {
    const { journal, run, clock } = this.parts;
    this.#underWay++;
    journal.append({ run, first, events, nowMs: clock.nowMs() }).then(
      (position) => {
        this.#acknowledge(position);
        this.#settle(first + events.length - 1 > position); // the store has not got an earlier batch
      },
      (error: unknown) => {
        this.#onError(error);
        this.#settle(true);
      },
    );
  }

  #acknowledge(position: number): void {
    const count = Math.max(0, position - this.#stored);
    this.#sent.splice(0, count);
    this.#stored += count;
  }

  /** After a failure, waits until no batch is under way, and then for a while; then sends again from the first gap. */
  #settle(hasFailed: boolean): void {
    this.#underWay--;
    this.#isPaused ||= hasFailed;
    if (!this.#isPaused) {
      this.#sendWaiting();
      return;
    }
    if (this.#underWay > 0) return;
    this.parts.clock.after(RETRY_MS, () => {
      this.#isPaused = false;
      this.#append(this.#stored + 1, [...this.#sent]);
    });
  }

  #noteIdle(): void {
    if (this.#isClosed && this.#underWay === 0 && this.pending === 0) this.#onIdle();
  }
}

function nameOf({ kind, id }: { kind: string; id: string }, begins: boolean): string {
  return `${begins ? "begin" : "end"} ${kind} ${id}`;
}
