import { DomainError, isStoreAway } from "../core/errors.js";
import type { PersonKey } from "../core/ids.js";
import { type LogEventType, type NumberedEvent, peopleIn } from "../core/log-event.js";
import type { Clock } from "../ports/clock.js";
import type { EventLog } from "../ports/event-log.js";
import type { People } from "./people.js";
import { NEWEST, type Page, pageOf } from "./pagination.js";
import { pauseFor } from "./pause.js";

/** How often a watcher reads new events, in milliseconds. */
const POLL_MS = 500;
/** How many events a watcher reads at once. */
const BATCH_SIZE = 100;
/** How far another instance's clock may be ahead of ours, in milliseconds. */
const SKEW_MS = 60_000;

/** A position in the log, and the event there; undefined if events of other types were passed. */
export interface WatchedEvent {
  number: number;
  event: NumberedEvent | undefined;
}

/** Lets the app's backend read the log. */
export class Events {
  constructor(
    private readonly log: EventLog,
    private readonly clock: Clock,
    private readonly people: Pick<People, "subjectsOf">,
  ) {}

  /** Returns the subjects of the people that events are about. */
  subjectsOf(...events: readonly NumberedEvent[]): Promise<ReadonlyMap<PersonKey, string>> {
    return this.people.subjectsOf(events.flatMap(({ event }) => peopleIn(event)));
  }

  /**
   * Lists events, the newest first. With types, a page may have fewer. The first page has the position from which a
   * watcher continues.
   */
  async list(size: number, before: number | undefined, types: ReadonlySet<LogEventType>) {
    const last = before === undefined ? await this.log.last() : undefined;
    const page: Page<NumberedEvent> = pageOf(await this.log.before(before ?? NEWEST, size), size);
    const newest = last === undefined ? undefined : (page.items[0]?.number ?? last);
    return { items: page.items.filter((event) => isWanted(event, types)), before: page.before, newest };
  }

  /**
   * Yields the events after a number, each once and in order: the stored ones, then new ones of any instance.
   * @throws DomainError `cursor_expired` if some are no longer kept, `field_invalid`
   */
  async *watch(after: number, types: ReadonlySet<LogEventType>, signal: AbortSignal): AsyncGenerator<WatchedEvent> {
    if (after > (this.clock.nowMs() + SKEW_MS) * 1000) {
      throw new DomainError("field_invalid", "cursor: was not issued by this service", { field: "cursor" });
    }
    while (!signal.aborted) {
      const events = await this.#read(after);
      for (const event of events) if (isWanted(event, types)) yield { number: event.number, event };
      const last = events.at(-1);
      if (last === undefined) await pauseFor(this.clock, POLL_MS, signal);
      else if (!isWanted(last, types)) yield { number: last.number, event: undefined };
      after = last?.number ?? after;
    }
  }

  /** While the store is unavailable there are no events, and watchers wait. */
  async #read(after: number): Promise<NumberedEvent[]> {
    try {
      const { events, isComplete } = await this.log.after(after, BATCH_SIZE);
      if (isComplete) return events;
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      return [];
    }
    const message = "cursor: events after it are no longer kept; start without a cursor, or with that of ListEvents";
    throw new DomainError("cursor_expired", message, { field: "cursor" });
  }
}

/** Lost events concern every reader. */
function isWanted({ event }: NumberedEvent, types: ReadonlySet<LogEventType>): boolean {
  return types.size === 0 || types.has(event.type) || event.type === "events_lost";
}
