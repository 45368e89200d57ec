import { afterEach, beforeEach, expect, it } from "vitest";
import type { LogEvent } from "../../src/core/log-event.js";
import { lmdbFixture, openStores } from "../support/store-fixture.js";

const NOW_MS = 1_800_000_000_000;
const session = (id: string) => ({ sessionId: id, personKey: "" }) as never;
const opened = (id: string): LogEvent => ({ type: "session_opened", session: session(id) });
const closed = (id: string): LogEvent => ({
  ...{ type: "session_closed", session: session(id), reason: "expired", durationMs: 1 },
});
const pair = (id: string) => ({
  matchId: id as never,
  offerer: session("a"),
  answerer: session("b"),
  relayOnly: false,
});
const began = (id: string): LogEvent => ({ type: "match_began", ...pair(id) });

let fixture: Awaited<ReturnType<typeof lmdbFixture>>;
let stores: ReturnType<typeof openStores>;
beforeEach(async () => {
  fixture = await lmdbFixture();
  stores = openStores(fixture.folder);
});
afterEach(async () => {
  await stores.close();
  await fixture.remove();
});

const append = (run: string, first: number, ...events: LogEvent[]) =>
  stores.events.append({ run, first, events: events.map((event) => ({ event, atMs: NOW_MS })), nowMs: NOW_MS + 5_000 });
const log = async () => (await stores.events.after(0, 1_000)).events.map(({ event }) => event);

it("stores the events of a batch once, however often it is sent", async () => {
  expect(await append("run", 1, opened("a"), opened("b"))).toBe(2);
  expect(await append("run", 1, opened("a"), opened("b"))).toBe(2);
  expect(await append("run", 2, opened("b"), opened("c"))).toBe(3);
  expect(await log()).toEqual([opened("a"), opened("b"), opened("c")]);
});

it("stores no batch before the ones that precede it", async () => {
  expect(await append("run", 2, closed("a"))).toBe(0);
  expect(await append("run", 1, opened("a"))).toBe(1);
  expect(await append("run", 3, opened("c"))).toBe(1);
  expect(await log()).toEqual([opened("a")]);
});

it("stores batches that arrive together in order, and continues after it was opened again", async () => {
  const sent = [append("run", 1, opened("a")), append("run", 2, closed("a")), append("run", 3, opened("b"))];
  expect(await Promise.all(sent)).toEqual([3, 3, 3]);
  await stores.close();
  stores = openStores(fixture.folder);
  expect(await append("run", 3, opened("b"), opened("c"))).toBe(4);
  expect(await log()).toEqual([opened("a"), closed("a"), opened("b"), opened("c")]);
});

it("ends what a killed server left open, once, when the next one begins", async () => {
  await append("first", 1, opened("a"), opened("b"), began("m"), opened("c"), closed("c"));
  await append("second", 1);
  await append("second", 1, opened("d"));
  const lost = { reason: "server_lost", durationMs: 0 };
  expect((await log()).slice(5)).toEqual([
    { type: "match_ended", ...pair("m"), ...lost, initiator: "", answered: false },
    { type: "session_closed", session: session("a"), ...lost },
    { type: "session_closed", session: session("b"), ...lost },
    opened("d"),
  ]);
});

it("takes the last event of a killed server for the end of what it left open", async () => {
  await append("first", 1, opened("a"));
  const later = [{ event: opened("b"), atMs: NOW_MS + 3_000 }];
  await stores.events.append({ run: "first", first: 2, events: later, nowMs: NOW_MS + 3_000 });
  await append("second", 1);
  expect((await log()).slice(2)).toMatchObject([
    { type: "session_closed", durationMs: 3_000 },
    { type: "session_closed", durationMs: 0 },
  ]);
});

it("ends what is open when the server stops; the next one has nothing to end", async () => {
  await append("first", 1, opened("a"), began("m"));
  await stores.events.finish(NOW_MS + 7_000);
  await append("second", 1);
  expect((await log()).slice(2)).toMatchObject([
    { type: "match_ended", reason: "server_stopped", durationMs: 7_000 },
    { type: "session_closed", reason: "server_stopped", durationMs: 7_000 },
  ]);
});

it("stores no end of something that is not open, and no second beginning", async () => {
  await append("run", 1, opened("a"), opened("a"), closed("a"), closed("a"), closed("b"));
  expect(await log()).toEqual([opened("a"), closed("a")]);
});

it("stores a batch of any size", async () => {
  const lost: LogEvent = { type: "events_lost", count: 1 };
  const events = Array.from({ length: 150_000 }, () => ({ event: lost, atMs: NOW_MS }));
  expect(await stores.events.append({ run: "run", first: 1, events, nowMs: NOW_MS })).toBe(events.length);
});
