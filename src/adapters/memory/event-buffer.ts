import { type Event, eventBytes, type SequencedEvent } from "../../core/event.js";
import { limits } from "../../core/limits.js";

interface Entry extends SequencedEvent {
  atMs: number;
  bytes: number;
}

/** One mailbox: the newest events of a session, bounded in number and bytes. Sequences go on when old events go. */
export class EventBuffer {
  #entries: Entry[] = [];
  #bytes = 0;
  #last = 0;

  /** The sequence of the newest event ever appended; 0 for none. */
  get lastSequence(): number {
    return this.#last;
  }

  append(event: Event, atMs: number): void {
    const bytes = eventBytes(event);
    this.#entries.push({ sequence: ++this.#last, event, atMs, bytes });
    this.#bytes += bytes;
    while (this.#entries.length > limits.mailboxEvents || this.#bytes > limits.mailboxBytes) this.#dropOldest();
  }

  /** Whether every event after `sequence` is still here. */
  reaches(sequence: number): boolean {
    return sequence <= this.#last && sequence >= this.#last - this.#entries.length;
  }

  /** The events after a sequence that `reaches`. */
  after(sequence: number): SequencedEvent[] {
    return this.#entries.slice(this.#entries.length - (this.#last - sequence));
  }

  /** Replaces events where they are; their bytes count as before. */
  replace(change: (event: Event) => Event): void {
    this.#entries = this.#entries.map((entry) => ({ ...entry, event: change(entry.event) }));
  }

  trim(beforeMs: number): void {
    while (this.#entries[0] !== undefined && this.#entries[0].atMs < beforeMs) this.#dropOldest();
  }

  #dropOldest(): void {
    this.#bytes -= this.#entries.shift()?.bytes ?? 0;
  }
}
