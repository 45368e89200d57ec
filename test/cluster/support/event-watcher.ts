import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { type EventRecord, EventService, EventType } from "../../../gen/satoshigle/internal/v1/event_log_pb.js";
import { pause } from "./reconnecting-client.js";

/** Follows `WatchEvents` as an app's backend does: after each break, it continues after the last event that it handled. */
export class EventWatcher {
  /** Everything that it was sent, in order. */
  readonly events: EventRecord[] = [];
  /** Errors other than those of a server that is away. */
  readonly problems: unknown[] = [];
  #cursor = "";
  #stream = new AbortController();
  #isClosed = false;
  readonly #whenOver: Promise<void>;

  /** @param urlOf returns the internal URL of a server that should run */
  constructor(private readonly urlOf: () => string) {
    this.#whenOver = this.#follow();
  }

  /** Kills the stream. */
  break(): void {
    this.#stream.abort();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.break();
    await this.#whenOver;
  }

  async #follow(): Promise<void> {
    for (;;) {
      this.#stream = new AbortController();
      try {
        const client = createClient(EventService, createGrpcTransport({ baseUrl: this.urlOf() }));
        for await (const { cursor, event } of client.watchEvents({ cursor: this.#cursor }, this.#stream)) {
          if (event !== undefined) this.events.push(event);
          this.#cursor = cursor;
        }
      } catch (error) {
        if (String(error).includes("cursor")) this.problems.push(error);
      }
      if (this.#isClosed) return;
      await pause();
    }
  }
}

/** What a log must not have: events that are there twice, and beginnings without an end or ends without a beginning. */
export function faultsIn(events: readonly EventRecord[]): string[] {
  const [seen, all, open] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const faults: string[] = [];
  for (const { eventId, event } of events) {
    if (seen.has(eventId)) faults.push(`${eventId} is there twice`);
    seen.add(eventId);
    const began =
      event.case === "sessionOpened"
        ? `session ${event.value.session?.sessionId ?? ""}`
        : event.case === "matchBegan"
          ? `match ${event.value.matchId}`
          : undefined;
    if (began !== undefined && all.has(began)) faults.push(`${began} began twice`);
    if (began !== undefined) for (const set of [all, open]) set.add(began);
    const ended =
      event.case === "sessionClosed"
        ? `session ${event.value.session?.sessionId ?? ""}`
        : event.case === "matchEnded"
          ? `match ${event.value.matchId}`
          : undefined;
    if (ended !== undefined && !open.delete(ended)) faults.push(`${ended} ended before it began`);
    if (event.case === "eventsLost") faults.push("events were lost");
  }
  return [...faults, ...[...open].map((one) => `${one} did not end`)];
}

/** The sessions that began. */
export function sessionsIn(events: readonly EventRecord[]): Set<string> {
  return new Set(
    events.flatMap(({ event }) => (event.case === "sessionOpened" ? (event.value.session?.sessionId ?? "") : [])),
  );
}

/** The matches that began. */
export function matchesIn(events: readonly EventRecord[]): Set<string> {
  const began = events.filter(({ type }) => type === EventType.MATCH_BEGAN);
  return new Set(began.map(({ event }) => (event.case === "matchBegan" ? event.value.matchId : "")));
}
