import { beforeEach, expect, it, vi } from "vitest";
import { Role } from "../../gen/satoshigle/v1/signal_pb.js";
import { ReconnectPolicy } from "../../src/client/connection/reconnect-policy.js";
import { FakePeerConnection, stubPeerConnection } from "./fake-peer-connection.js";
import { away, pass, ScriptedServer, settle } from "./scripted-server.js";
import { ClientHarness, useFakeClock } from "./client-harness.js";

useFakeClock();

let server: ScriptedServer;
let page: EventTarget;
let navigator: { onLine: boolean; connection: EventTarget & { type: string } };
beforeEach(() => {
  server = new ScriptedServer();
  page = new EventTarget();
  navigator = { onLine: true, connection: Object.assign(new EventTarget(), { type: "wifi" }) };
  vi.stubGlobal("navigator", navigator);
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
});

it("replaces the stream when the kind of network changes, not when its speed does", async () => {
  await ClientHarness.arrive(server);
  navigator.connection.dispatchEvent(new Event("change"));
  await settle();
  expect(server.streams).toHaveLength(1);
  navigator.connection.type = "cellular";
  navigator.connection.dispatchEvent(new Event("change"));
  await settle();
  expect(server.streams).toHaveLength(2);
});

it("abandons an attempt that was made over the old network", async () => {
  await ClientHarness.arrive(server);
  page.dispatchEvent(new Event("online"));
  await settle();
  page.dispatchEvent(new Event("online"));
  await settle();
  expect(server.streams.map(({ aborted }) => aborted)).toEqual([false, true, false]);
});

it("tries at the same pace for as long as the browser has no network, and at once when it has", async () => {
  await ClientHarness.arrive(server);
  server.onStream = () => {
    throw away();
  };
  navigator.onLine = false;
  await server.stream.fail(away());
  const before = server.streams.length;
  await pass(60_000);
  navigator.onLine = true;
  server.onStream = undefined;
  const failed = server.streams.length;
  page.dispatchEvent(new Event("online"));
  await pass(0);
  expect(server.streams).toHaveLength(failed + 1);
  expect(before).toBeLessThanOrEqual(failed);
});

it("waits for a stream four times as long as the last one took, and longer after each timeout", () => {
  const policy = new ReconnectPolicy();
  expect(policy.openTimeoutMs).toBe(8_000);
  policy.opened(100);
  expect(policy.openTimeoutMs).toBe(1_000);
  policy.opened(500);
  const waits = [policy.openTimeoutMs];
  for (let times = 0; times < 3; times++) {
    expect(policy.timedOut()).toBe(waits.at(-1) === 8_000);
    waits.push(policy.openTimeoutMs);
  }
  expect(waits).toEqual([2_000, 4_000, 8_000, 8_000]);
});

it("does not raise the pause between attempts without a network", () => {
  const policy = new ReconnectPolicy();
  const pauses = [true, true, true, true, false].map((offline) => policy.next(offline) - Date.now());
  expect(pauses).toEqual([2_000, 2_000, 2_000, 2_000, 250]);
});

/** A call whose stream breaks and opens again. Returns how many offers the partner has got then. */
async function offersAfterBreak(mediaFlow: boolean): Promise<number> {
  stubPeerConnection();
  await ClientHarness.wait(server);
  await server.stream.event({ case: "matched", value: { matchId: "m1", role: Role.OFFERER } });
  await pass(100);
  const call = FakePeerConnection.all.at(-1);
  if (!call) throw new Error("no connection was made");
  Object.assign(call, { signalingState: "stable", connectionState: "connected" });
  call.currentRemoteDescription = { type: "answer", sdp: "v=0" };
  call.onconnectionstatechange?.();
  const before = server.sends.length;
  await server.stream.fail(away());
  await pass(2_000);
  await server.stream.welcome({
    snapshot: { state: { case: "inMatch", value: { matchId: "m1", role: Role.OFFERER, partnerPresent: true } } },
  });
  await pass(250);
  if (mediaFlow) call.bytesReceived++;
  await pass(1_000);
  return server.sends.slice(before).filter(({ signals }) => signals[0]?.kind.case === "description").length;
}

it.each([
  ["restarts a call whose media stopped when the stream broke, although it still seems connected", false, 1],
  ["does not restart a call whose media flow when the stream breaks", true, 0],
])("%s", async (_name, mediaFlow, offers) => {
  expect(await offersAfterBreak(mediaFlow)).toBe(offers);
});
