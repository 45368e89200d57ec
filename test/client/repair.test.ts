import { beforeEach, expect, it, vi } from "vitest";
import { IceRestart } from "../../src/client/call/ice-restart.js";
import { pass } from "./scripted-server.js";
import { useFakeClock } from "./visitor.js";

useFakeClock();

let attempts: number[];
let givenUp: number;
let iceRestart: IceRestart;
beforeEach(() => {
  attempts = [];
  givenUp = 0;
  iceRestart = new IceRestart(
    (attempt) => attempts.push(attempt),
    () => givenUp++,
  );
});

it("restarts a call that failed at once", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("failed");
  await pass(0);
  expect(attempts).toEqual([1]);
});

it("gives a disconnected call four seconds to heal", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("disconnected");
  await pass(3_999);
  iceRestart.stateChanged("connected");
  await pass(60_000);
  expect(attempts).toEqual([]);
  iceRestart.stateChanged("disconnected");
  await pass(4_000);
  expect(attempts).toEqual([1]);
});

it("does not wait any longer when a disconnected call fails", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("disconnected");
  await pass(1_000);
  iceRestart.stateChanged("failed");
  await pass(0);
  expect(attempts).toEqual([1]);
});

it("restarts a first connection that is stuck", async () => {
  iceRestart.stateChanged("connecting");
  await pass(11_999);
  expect(attempts).toEqual([]);
  await pass(1);
  expect(attempts).toEqual([1]);
});

it("keeps its pace while a restart passes through its states", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("failed");
  await pass(0);
  for (const state of ["connecting", "disconnected", "failed"] as const) iceRestart.stateChanged(state);
  await pass(4_999);
  expect(attempts).toEqual([1]);
  await pass(1);
  expect(attempts).toEqual([1, 2]);
});

it("gives up after four attempts, and says so once", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("failed");
  await pass(120_000);
  expect(attempts).toEqual([1, 2, 3, 4]);
  expect(givenUp).toBe(1);
});

it("waits for the partner to be reachable, and then for an offer of the partner's own", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.setReachable(false);
  iceRestart.stateChanged("failed");
  await pass(60_000);
  expect(attempts).toEqual([]);
  iceRestart.setReachable(true);
  await pass(1_499);
  expect(attempts).toEqual([]);
  await pass(1);
  expect(attempts).toEqual([1]);
});

it("leaves a call alone that runs without signals", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.setReachable(false);
  iceRestart.setReachable(true);
  await pass(60_000);
  expect(attempts).toEqual([]);
});

it("tries anew after it gave up when the partner comes back", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("failed");
  await pass(120_000);
  iceRestart.setReachable(false);
  iceRestart.setReachable(true);
  await pass(1_500);
  expect(attempts).toEqual([1, 2, 3, 4, 1]);
});

it("begins to count anew after a success", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("failed");
  await pass(5_000);
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("failed");
  await pass(0);
  expect(attempts).toEqual([1, 2, 1]);
});

it("does nothing after it was closed", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("failed");
  iceRestart.close();
  iceRestart.stateChanged("disconnected");
  await pass(120_000);
  expect(attempts).toEqual([]);
});

it("waits no longer for a clock that was set back while the partner was away", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("disconnected");
  iceRestart.setReachable(false);
  vi.setSystemTime(Date.now() - 3_600_000);
  iceRestart.setReachable(true);
  await pass(12_000);
  expect(attempts).toContain(1);
});
