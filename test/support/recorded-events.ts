import type { LogEvent, NumberedEvent } from "../../src/core/log-event.js";
import { nextRevision } from "../../src/core/revision.js";
import type { EventSink } from "../../src/ports/event-log.js";

/** The events of a lobby in memory, numbered as a log does. */
export class RecordedEvents implements EventSink {
  readonly events: NumberedEvent[] = [];

  record(event: LogEvent, atMs: number): void {
    this.events.push({ number: nextRevision(this.events.at(-1)?.number ?? 0, atMs), event, atMs });
  }
}
