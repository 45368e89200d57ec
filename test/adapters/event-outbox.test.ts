import { expect, it } from "vitest";
import type { EventBatch, EventJournal } from "../../src/adapters/lmdb/event-log.js";
import { EventOutbox } from "../../src/adapters/lmdb/event-outbox.js";
import { DomainError } from "../../src/core/errors.js";
import { eventIdOf, type LogEvent, spanOf } from "../../src/core/log-event.js";
import { SlowClock } from "../support/slow-clock.js";

const session = (id: string) => ({ sessionId: id, personKey: "" }) as never;
const opened = (id: string): LogEvent => ({ type: "session_opened", session: session(id) });
const closed = (id: string): LogEvent => ({
  ...{ type: "session_closed", session: session(id), reason: "expired", durationMs: 1 },
});

/** A journal on a disk that fails on request, as the real one: what is out of order is not stored. */
class Disk implements EventJournal {
  readonly events: LogEvent[] = [];
  isFull = false;
  /** Whether the next batch is stored although its sender gets an error. */
  losesAnswer = false;
  batches = 0;
  isFinished = false;

  async append({ first, events }: EventBatch): Promise<number> {
    this.batches++;
    await Promise.resolve();
    if (this.isFull) throw new DomainError("store_full", "full");
    const fresh = first > this.events.length + 1 ? [] : events.slice(this.events.length + 1 - first);
    this.events.push(...fresh.map(({ event }) => event));
    if (!this.losesAnswer) return this.events.length;
    this.losesAnswer = false;
    throw new DomainError("store_away", "no answer");
  }

  finish(): Promise<void> {
    this.isFinished = true;
    return Promise.resolve();
  }
}

const settle = () => new Promise(setImmediate);

function open(maxWaiting?: number) {
  const [disk, clock] = [new Disk(), new SlowClock()];
  const onError = (error: unknown) => {
    throw error;
  };
  const limit = maxWaiting === undefined ? {} : { maxWaiting };
  const outbox = new EventOutbox({ journal: disk, run: "run", clock, onError, ...limit });
  return { disk, clock, outbox };
}

const names = (events: readonly LogEvent[]) => events.map((event) => eventIdOf({ number: 0, event, atMs: 0 }));

it("stores events in order, without waiting for the store", async () => {
  const { disk, outbox } = open();
  for (let index = 0; index < 3_000; index++) outbox.record(opened(String(index)), index);
  expect(outbox.pending).toBe(3_000);
  await settle();
  await settle();
  expect(outbox.pending).toBe(0);
  expect(names(disk.events)).toEqual(Array.from({ length: 3_000 }, (_, index) => `session_opened_${String(index)}`));
  expect(disk.batches).toBeLessThan(20);
});

it("begins a run at once, so that what the one before left open ends", async () => {
  const { disk } = open();
  await settle();
  expect(disk.batches).toBe(1);
});

it("sends events again after a failure, in order, each stored once", async () => {
  const { disk, clock, outbox } = open();
  await settle();
  disk.losesAnswer = true;
  outbox.record(opened("a"), 1);
  await settle();
  disk.isFull = true;
  for (const name of ["b", "c"]) outbox.record(opened(name), 1);
  await clock.pass(1_000);
  outbox.record(opened("d"), 1);
  await clock.pass(1_000);
  disk.isFull = false;
  await clock.pass(1_000);
  await settle();
  expect(names(disk.events)).toEqual(["a", "b", "c", "d"].map((name) => `session_opened_${name}`));
  expect(outbox.pending).toBe(0);
});

it("drops what began and ended while too much waits, and says how much; every beginning keeps its end", async () => {
  const { disk, clock, outbox } = open(10);
  outbox.record(opened("early"), 1);
  await settle();
  disk.isFull = true;
  for (let index = 0; index < 1_000; index++) {
    outbox.record(opened(`s-${String(index)}`), 1);
    if (index !== 500) outbox.record(closed(`s-${String(index)}`), 1);
  }
  outbox.record(closed("early"), 1);
  expect(outbox.pending).toBeLessThan(60);
  disk.isFull = false;
  await clock.pass(2_000);
  await settle();
  const lost = disk.events.filter(({ type }) => type === "events_lost");
  expect(lost).toHaveLength(1);
  const others = disk.events.filter(({ type }) => type !== "events_lost");
  expect(lost[0]).toEqual({ type: "events_lost", count: 2_001 - others.length });
  const open_ = new Set<string>();
  for (const event of others) {
    const span = spanOf(event);
    if (span?.begins === true) open_.add(span.id);
    else expect(open_.delete(span?.id ?? "")).toBe(true);
  }
  expect([...open_]).toEqual(["s-500"]);
});

it("stores what waits before it ends the run, and gives up on a disk that fails", async () => {
  const { disk, clock, outbox } = open();
  outbox.record(opened("a"), 1);
  await outbox.close();
  expect(disk.events).toHaveLength(1);
  expect(disk.isFinished).toBe(true);

  const failing = open();
  await settle();
  failing.disk.isFull = true;
  failing.outbox.record(opened("a"), 1);
  const closing = failing.outbox.close();
  await failing.clock.pass(10_000);
  await closing;
  expect(failing.disk.isFinished).toBe(false);
  await clock.pass(0);
});

it("sends an end with the next begin, or after a while", async () => {
  const { disk, clock, outbox } = open();
  outbox.record(opened("a"), 1);
  await settle();
  outbox.record(closed("a"), 2);
  await settle();
  expect(names(disk.events)).toEqual(["session_opened_a"]);
  const { batches } = disk;
  outbox.record(opened("b"), 3);
  await settle();
  expect(names(disk.events)).toEqual(["session_opened_a", "session_closed_a", "session_opened_b"]);
  expect(disk.batches).toBe(batches + 1);
  outbox.record(closed("b"), 4);
  await clock.pass(50);
  await settle();
  expect(names(disk.events).at(-1)).toBe("session_closed_b");
  expect(outbox.pending).toBe(0);
});

it("stores ends that wait when it is closed", async () => {
  const { disk, outbox } = open();
  outbox.record(opened("a"), 1);
  await settle();
  outbox.record(closed("a"), 2);
  await outbox.close();
  expect(names(disk.events)).toEqual(["session_opened_a", "session_closed_a"]);
  expect(disk.isFinished).toBe(true);
});
