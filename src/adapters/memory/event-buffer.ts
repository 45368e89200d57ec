import { type Event, eventBytes, type SequencedEvent } from "../../core/event.js";
import { limits } from "../../core/limits.js";

interface Entry extends SequencedEvent {
  atMs: number;
  bytes: number;
}

/** The bytes that all mailboxes hold beyond their own shares. */
export class MailPool {
  held = 0;

  constructor(readonly max: number = limits.mailPoolBytes) {}
}

/**
 * One mailbox: the newest events of a session, bounded in number and bytes. While the pool is used up, it is limited to
 * its own share. Sequences continue when old events are dropped.
 */
export class EventBuffer {
  #entries: Entry[] = [];
  #bytes = 0;
  #last = 0;

  constructor(private readonly pool: MailPool) {}

  /** The sequence of the last event appended; 0 if there was none. */
  get lastSequence(): number {
    return this.#last;
  }

  /** The sequence before the first event that it holds. */
  get beforeFirst(): number {
    return this.#last - this.#entries.length;
  }

  append(event: Event, atMs: number): void {
    const bytes = eventBytes(event);
    this.#entries.push({ sequence: ++this.#last, event, atMs, bytes });
    this.#hold(this.#bytes + bytes);
    while (this.#isOver()) this.#dropOldest();
  }

  /** Whether the mailbox holds every event after `sequence`. */
  reaches(sequence: number): boolean {
    return sequence <= this.#last && sequence >= this.#last - this.#entries.length;
  }

  /** Returns the events after a sequence, which must satisfy `reaches`. */
  after(sequence: number): SequencedEvent[] {
    return this.#entries.slice(this.#entries.length - (this.#last - sequence));
  }

  /** Replaces events in place; their sizes are not updated. */
  replace(change: (event: Event) => Event): void {
    this.#entries = this.#entries.map((entry) => ({ ...entry, event: change(entry.event) }));
  }

  trim(beforeMs: number): void {
    while (this.#entries[0] !== undefined && this.#entries[0].atMs < beforeMs) this.#dropOldest();
    if (this.#entries.length === 0) this.#entries = []; // an array keeps the room of dropped items
  }

  /** Drops all events. */
  clear(): void {
    this.#entries = [];
    this.#hold(0);
  }

  #isOver(): boolean {
    if (this.#entries.length > limits.mailboxEvents || this.#bytes > limits.mailboxBytes) return true;
    return this.#bytes > limits.mailboxOwnBytes && this.pool.held > this.pool.max;
  }

  #dropOldest(): void {
    this.#hold(this.#bytes - (this.#entries.shift()?.bytes ?? 0));
  }

  #hold(bytes: number): void {
    this.pool.held += beyondOwn(bytes) - beyondOwn(this.#bytes);
    this.#bytes = bytes;
  }
}

function beyondOwn(bytes: number): number {
  return Math.max(0, bytes - limits.mailboxOwnBytes);
}
