import { afterEach, beforeEach, expect, it } from "vitest";
import { StoreProcess } from "../../src/adapters/lmdb/store-process.js";
import { systemClock } from "../../src/adapters/node/clock.js";
import type { LogEvent } from "../../src/core/log-event.js";
import { lmdbFixture } from "../support/store-fixture.js";

const NOW_MS = 1_800_000_000_000;
/** Events whose batch is larger than what is read at once, with characters of several bytes at any place. */
const MANY = 2_000;

let fixture: Awaited<ReturnType<typeof lmdbFixture>>;
let store: StoreProcess;
beforeEach(async () => {
  fixture = await lmdbFixture();
  store = await open();
});
afterEach(async () => {
  await store.close();
  await fixture.remove();
});

const open = () => {
  const { folder } = fixture;
  const [onTrouble, onRefused] = [() => undefined, () => undefined];
  return StoreProcess.open({ folder, claim: undefined, clock: systemClock, onTrouble, onRefused });
};
const opened = (index: number): LogEvent => ({
  type: "session_opened",
  session: { sessionId: `${"é€😀".repeat(index % 7)}${String(index)}`, personKey: "" } as never,
});
const append = (first: number, count: number) => {
  const events = Array.from({ length: count }, (_, index) => ({ event: opened(first + index), atMs: NOW_MS }));
  return store.events.append({ run: "run", first, events, nowMs: NOW_MS });
};
const log = async () => (await store.events.after(0, 10_000)).events.map(({ event }) => event);

it("stores large batches as they are", async () => {
  expect(await append(1, MANY)).toBe(MANY);
  expect(await log()).toEqual(Array.from({ length: MANY }, (_, index) => opened(index + 1)));
});

it("stores what was sent before it was closed", async () => {
  await append(1, 1); // what follows is not read for some time
  const sent = Array.from({ length: 100 }, (_, index) => append(index + 2, 1));
  await store.close();
  expect((await Promise.all(sent)).at(-1)).toBe(101);
  store = await open();
  expect(await log()).toHaveLength(101);
});
