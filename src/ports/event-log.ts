import type { LogEvent, NumberedEvent } from "../core/log-event.js";

/**
 * The log of what happened in a realm. Each event is stored in the same atomic step as the change that it is about, in the
 * order of the changes. Events are numbered (`nextRevision`), so a reader that continues after a number misses none, or
 * learns that it does. The log is bounded in number and age: the oldest events are dropped.
 */
export interface EventLog {
  /**
   * Returns events with a higher number, the oldest first, at most `limit`. Number 0 is the start of the log.
   * `isComplete`: no event between that number and the first returned was dropped.
   */
  after(number: number, limit: number): Promise<{ events: NumberedEvent[]; isComplete: boolean }>;
  /** Returns events with a lower number, the newest first, at most `limit`. */
  before(number: number, limit: number): Promise<NumberedEvent[]>;
  /** Returns the number of the last event, even if it was dropped; 0 before the first. */
  last(): Promise<number>;
  /** Drops events that happened before a time, at most `limit`. Returns whether there may be more. Idempotent. */
  prune(due: { beforeMs: number; limit: number }): Promise<boolean>;
}

/** Takes the events of a lobby that has no durable store of its own. */
export interface EventSink {
  /** Takes an event for the log. Never waits or fails, because pairing must not depend on a disk. */
  record(event: LogEvent, nowMs: number): void;
}
