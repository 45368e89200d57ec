import { beforeEach, expect, it, vi } from "vitest";
import { IceRestart } from "../../src/client/call/ice-restart.js";
import { pass } from "./scripted-server.js";
import { useFakeClock } from "./visitor.js";

useFakeClock();

let attempts: number[];
let givenUp: number;
let repair: IceRestart;
beforeEach(() => {
  attempts = [];
  givenUp = 0;
  repair = new IceRestart(
    (attempt) => attempts.push(attempt),
    () => givenUp++,
  );
});

it("restarts a call that failed at once", async () => {
  repair.observe("connected");
  repair.observe("failed");
  await pass(0);
  expect(attempts).toEqual([1]);
});

it("gives a disconnected call four seconds to heal", async () => {
  repair.observe("connected");
  repair.observe("disconnected");
  await pass(3_999);
  repair.observe("connected");
  await pass(60_000);
  expect(attempts).toEqual([]);
  repair.observe("disconnected");
  await pass(4_000);
  expect(attempts).toEqual([1]);
});

it("does not wait any longer when a disconnected call fails", async () => {
  repair.observe("connected");
  repair.observe("disconnected");
  await pass(1_000);
  repair.observe("failed");
  await pass(0);
  expect(attempts).toEqual([1]);
});

it("restarts a first connection that is stuck", async () => {
  repair.observe("connecting");
  await pass(11_999);
  expect(attempts).toEqual([]);
  await pass(1);
  expect(attempts).toEqual([1]);
});

it("keeps its pace while a restart passes through its states", async () => {
  repair.observe("connected");
  repair.observe("failed");
  await pass(0);
  for (const state of ["connecting", "disconnected", "failed"] as const) repair.observe(state);
  await pass(4_999);
  expect(attempts).toEqual([1]);
  await pass(1);
  expect(attempts).toEqual([1, 2]);
});

it("gives up after four attempts, and says so once", async () => {
  repair.observe("connected");
  repair.observe("failed");
  await pass(120_000);
  expect(attempts).toEqual([1, 2, 3, 4]);
  expect(givenUp).toBe(1);
});

it("waits for the partner to be reachable, and then for an offer of the partner's own", async () => {
  repair.observe("connected");
  repair.reachable(false);
  repair.observe("failed");
  await pass(60_000);
  expect(attempts).toEqual([]);
  repair.reachable(true);
  await pass(1_499);
  expect(attempts).toEqual([]);
  await pass(1);
  expect(attempts).toEqual([1]);
});

it("leaves a call alone that runs without signals", async () => {
  repair.observe("connected");
  repair.reachable(false);
  repair.reachable(true);
  await pass(60_000);
  expect(attempts).toEqual([]);
});

it("tries anew after it gave up when the partner comes back", async () => {
  repair.observe("connected");
  repair.observe("failed");
  await pass(120_000);
  repair.reachable(false);
  repair.reachable(true);
  await pass(1_500);
  expect(attempts).toEqual([1, 2, 3, 4, 1]);
});

it("begins to count anew after a success", async () => {
  repair.observe("connected");
  repair.observe("failed");
  await pass(5_000);
  repair.observe("connected");
  repair.observe("failed");
  await pass(0);
  expect(attempts).toEqual([1, 2, 1]);
});

it("does nothing after it was closed", async () => {
  repair.observe("connected");
  repair.observe("failed");
  repair.close();
  repair.observe("disconnected");
  await pass(120_000);
  expect(attempts).toEqual([]);
});

it("waits no longer for a clock that was set back while the partner was away", async () => {
  repair.observe("connected");
  repair.observe("disconnected");
  repair.reachable(false);
  vi.setSystemTime(Date.now() - 3_600_000);
  repair.reachable(true);
  await pass(12_000);
  expect(attempts).toContain(1);
});
