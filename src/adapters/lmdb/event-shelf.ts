import type { Database, RootDatabase } from "lmdb";
import { eventRetention } from "../../core/event-retention.js";
import type { DatedEvent, LogEvent, NumberedEvent } from "../../core/log-event.js";
import { nextRevision } from "../../core/revision.js";
import { lastNumbers, type Numbered } from "./database.js";

/** An event, its time, and the number of the event before it, by which readers notice that some are missing. */
interface Kept {
  event: LogEvent;
  atMs: number;
  before: number;
}

/** How many events are dropped with each new one when the limit was lowered, so that no step takes long. */
const DROPPED_AT_ONCE = 100;

/** The events of the log. Changes must run in a transaction. */
export class EventShelf {
  readonly #events: Database<Kept, number>;
  readonly #last: Database<number, Numbered>;

  /** @param max how many are kept; 0 for none */
  constructor(
    root: RootDatabase,
    private readonly max: number = eventRetention.max,
  ) {
    this.#events = root.openDB({ name: "events" });
    this.#last = lastNumbers(root);
  }

  get lastNumber(): number {
    return this.#last.get("event") ?? 0;
  }

  /** When the last event happened; undefined if there is none. */
  get lastMs(): number | undefined {
    return [...this.#events.getRange({ reverse: true, limit: 1 })][0]?.value.atMs;
  }

  add(event: LogEvent, atMs: number): void {
    this.addAll([{ event, atMs }]);
  }

  addAll(events: readonly DatedEvent[]): void {
    if (this.max === 0 || events.length === 0) return;
    let before = this.lastNumber;
    for (const { event, atMs } of events) {
      const number = nextRevision(before, atMs);
      void this.#events.put(number, { event, atMs, before });
      before = number;
    }
    void this.#last.put("event", before);
    this.#dropOldest(events.length);
  }

  #dropOldest(added: number): void {
    const { entryCount } = this.#events.getStats() as { entryCount: number };
    if (entryCount <= this.max) return;
    const limit = Math.min(entryCount - this.max, added * DROPPED_AT_ONCE);
    for (const number of [...this.#events.getKeys({ limit })]) void this.#events.remove(number);
  }

  after(number: number, limit: number): { events: NumberedEvent[]; isComplete: boolean } {
    const found = [...this.#events.getRange({ start: number + 1, limit })];
    const before = found[0]?.value.before ?? this.lastNumber;
    return { events: found.map(toNumbered), isComplete: number === 0 || before <= number };
  }

  before(number: number, limit: number): NumberedEvent[] {
    return [...this.#events.getRange({ start: number - 1, reverse: true, limit })].map(toNumbered);
  }

  /** Drops events that happened before a time, at most `limit`. Returns whether there may be more. */
  prune(beforeMs: number, limit: number): boolean {
    let dropped = 0;
    for (const { key, value } of [...this.#events.getRange({ limit })]) {
      if (value.atMs >= beforeMs) return false;
      void this.#events.remove(key);
      dropped++;
    }
    return dropped === limit;
  }
}

function toNumbered({ key: number, value: { event, atMs } }: { key: number; value: Kept }): NumberedEvent {
  return { number, event, atMs };
}
