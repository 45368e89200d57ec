import { beforeEach, expect, it, vi } from "vitest";
import { IceRestart } from "../../src/client/call/ice-restart.js";
import { pass } from "./scripted-server.js";
import { useFakeClock } from "./client-harness.js";

useFakeClock();

let attempts: number[];
let givenUp: number;
let iceRestart: IceRestart;
beforeEach(() => {
  attempts = [];
  givenUp = 0;
  iceRestart = create(true);
});

function create(isOfferer: boolean): IceRestart {
  return new IceRestart(
    isOfferer,
    (attempt) => attempts.push(attempt),
    () => givenUp++,
  );
}

it("restarts a failed call at once", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("failed");
  await pass(0);
  expect(attempts).toEqual([1]);
});

it("restarts a disconnected call at once as the offerer", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("disconnected");
  await pass(0);
  expect(attempts).toEqual([1]);
});

it("leaves a disconnected call to the offerer for a second", async () => {
  iceRestart.close();
  iceRestart = create(false);
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("disconnected");
  await pass(999);
  iceRestart.stateChanged("connected");
  await pass(60_000);
  expect(attempts).toEqual([]);
  iceRestart.stateChanged("disconnected");
  await pass(1_000);
  expect(attempts).toEqual([1]);
});

it("restarts a call at once when this side's network has changed, even if it still seems connected", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.networkChanged();
  await pass(60_000);
  expect(attempts).toEqual([1]);
});

it("restarts at once when signals get through over the new network", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.setReachable(false);
  iceRestart.stateChanged("disconnected");
  iceRestart.networkChanged();
  await pass(60_000);
  expect(attempts).toEqual([]);
  iceRestart.setReachable(true);
  await pass(0);
  expect(attempts).toEqual([1]);
});

it("stops waiting when a disconnected call fails", async () => {
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

it("restarts a first connection sooner when its offer had no relay", async () => {
  iceRestart.stateChanged("connecting");
  iceRestart.hurry();
  await pass(3_999);
  expect(attempts).toEqual([]);
  await pass(1);
  expect(attempts).toEqual([1]);
});

it("does not hurry a connection that is established", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.hurry();
  await pass(60_000);
  expect(attempts).toEqual([]);
});

it("does not hurry between the attempts of a restart", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("failed");
  await pass(0);
  iceRestart.hurry();
  await pass(4_999);
  expect(attempts).toEqual([1]);
  await pass(1);
  expect(attempts).toEqual([1, 2]);
});

it("keeps its pauses while a restart passes through its states", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("failed");
  await pass(0);
  for (const state of ["connecting", "disconnected", "failed"] as const) iceRestart.stateChanged(state);
  await pass(4_999);
  expect(attempts).toEqual([1]);
  await pass(1);
  expect(attempts).toEqual([1, 2]);
});

it("gives up after four attempts, and reports it once", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("failed");
  await pass(120_000);
  expect(attempts).toEqual([1, 2, 3, 4]);
  expect(givenUp).toBe(1);
});

it("waits until the partner is reachable, and then for the partner's own offer", async () => {
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

it("does not restart a connected call when signals get through again", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.setReachable(false);
  iceRestart.setReachable(true);
  await pass(60_000);
  expect(attempts).toEqual([]);
});

it("starts over after giving up when the partner returns", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("failed");
  await pass(120_000);
  iceRestart.setReachable(false);
  iceRestart.setReachable(true);
  await pass(1_500);
  expect(attempts).toEqual([1, 2, 3, 4, 1]);
});

it("resets its attempts after a success", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("failed");
  await pass(5_000);
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("failed");
  await pass(0);
  expect(attempts).toEqual([1, 2, 1]);
});

it("does nothing after it is closed", async () => {
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("failed");
  iceRestart.close();
  iceRestart.stateChanged("disconnected");
  await pass(120_000);
  expect(attempts).toEqual([]);
});

it("does not wait longer when the clock is set back while the partner is away", async () => {
  iceRestart.close();
  iceRestart = create(false);
  iceRestart.stateChanged("connected");
  iceRestart.stateChanged("disconnected");
  iceRestart.setReachable(false);
  vi.setSystemTime(Date.now() - 3_600_000);
  iceRestart.setReachable(true);
  await pass(12_000);
  expect(attempts).toContain(1);
});
