import { expect, it } from "vitest";
import { Events } from "../../src/app/events.js";
import type { LogEvent, NumberedEvent } from "../../src/core/log-event.js";
import type { EventLog } from "../../src/ports/event-log.js";
import { SlowClock } from "../support/slow-clock.js";

const typed = ["banned", "events_lost", "unbanned"] as const;
const all: NumberedEvent[] = typed.map((type, index) => ({
  number: index + 1,
  atMs: 0,
  event: { type, count: 7 } as unknown as LogEvent,
}));

const log: EventLog = {
  after: (number, limit) =>
    Promise.resolve({ events: all.filter((one) => one.number > number).slice(0, limit), isComplete: true }),
  before: (number, limit) =>
    Promise.resolve(
      all
        .filter((one) => one.number < number)
        .reverse()
        .slice(0, limit),
    ),
  last: () => Promise.resolve(3),
  prune: () => Promise.resolve(false),
};
const events = () => new Events(log, new SlowClock(), { subjectsOf: () => Promise.resolve(new Map()) });

it("lost events reach a watcher of other types, each once from its cursor on", async () => {
  const seen: string[] = [];
  const watcher = new AbortController();
  for (const after of [0, 2]) {
    for await (const { number, event } of events().watch(after, new Set(["unbanned"]), watcher.signal)) {
      seen.push(`${String(number)} ${event?.event.type ?? ""}`);
      if (number === 3) break;
    }
  }
  expect(seen).toEqual(["2 events_lost", "3 unbanned", "3 unbanned"]);
});

it("lost events are listed among others", async () => {
  const { items } = await events().list(10, undefined, new Set(["banned"]));
  expect(items.map(({ event }) => event.type)).toEqual(["events_lost", "banned"]);
});
