import { Code, ConnectError } from "@connectrpc/connect";
import { beforeEach, expect, it, vi } from "vitest";
import { away, limitReached, pass, ScriptedServer, settle, snapshotOf } from "./scripted-server.js";
import { useFakeClock, ClientHarness } from "./client-harness.js";

useFakeClock();

let server: ScriptedServer;
beforeEach(() => {
  server = new ScriptedServer();
});

const waiting = (waitingCount: number) => ({ case: "waiting" as const, value: { waitingCount } });
const waitingCounts = (harness: ClientHarness) =>
  harness.states.flatMap(({ activity }) => (activity.phase === "waiting" ? [activity.waitingCount] : []));

it("opens without a token, and sends the received one with every later call", async () => {
  const harness = await ClientHarness.arrive(server);
  expect(server.stream.token).toBeNull();
  expect(harness.status).toBe("online");
  const stopped = harness.client.stop();
  await settle();
  await stopped;
  expect(server.calls).toEqual([{ name: "leave", token: "Bearer secret" }]);
});

it("does not connect on its own", async () => {
  const harness = new ClientHarness(server);
  await harness.client.stop();
  expect(server.streams).toHaveLength(0);
  expect(harness.status).toBe("closed");
});

it("resumes after the last applied event", async () => {
  const harness = await ClientHarness.wait(server);
  await server.stream.event(waiting(2));
  await server.stream.end();
  expect(harness.status).toBe("reconnecting");
  await pass(250);
  expect(server.stream.request).toMatchObject({ epoch: "e1", lastSequence: 2 });
  expect(server.stream.token).toBe("Bearer secret");
});

it("applies each event once when a resumed stream repeats some", async () => {
  const harness = await ClientHarness.wait(server);
  await server.stream.event(waiting(2));
  await server.stream.end();
  await pass(250);
  await server.stream.welcome({ resumed: true, lastSequence: 1 });
  await server.stream.event(waiting(77));
  await server.stream.event(waiting(3));
  expect(waitingCounts(harness).at(-1)).toBe(3);
  expect(waitingCounts(harness)).not.toContain(77);
});

it("ignores the snapshot of a stream that skips no events", async () => {
  const harness = await ClientHarness.wait(server);
  await server.stream.end();
  await pass(250);
  await server.stream.welcome({ resumed: true, lastSequence: 1 });
  expect(harness.phase).toBe("waiting");
});

it("continues after the same event when the numbers continue in another epoch", async () => {
  const harness = await ClientHarness.wait(server);
  await server.stream.end();
  await pass(250);
  await server.stream.welcome({ resumed: true, epoch: "e2", lastSequence: 1 });
  expect(harness.phase).toBe("waiting");
  await server.stream.event(waiting(7));
  await server.stream.end();
  await pass(400);
  expect(server.stream.request).toMatchObject({ epoch: "e2", lastSequence: 2 });
});

it("does not accept another epoch as resumed after an event that it has not handled", async () => {
  const harness = await ClientHarness.wait(server);
  await server.stream.end();
  await pass(250);
  await server.stream.welcome({ resumed: true, epoch: "e2", lastSequence: 9 });
  expect(harness.phase).toBe("idle");
  await server.stream.end();
  await pass(400);
  expect(server.stream.request).toMatchObject({ epoch: "e2", lastSequence: 9 });
});

it("requests a snapshot when an event is missing", async () => {
  const harness = await ClientHarness.wait(server);
  await server.stream.raw(5, waiting(5));
  expect(waitingCounts(harness)).not.toContain(5);
  await pass(250);
  expect(server.stream.request).toMatchObject({ epoch: "", lastSequence: 0 });
  await server.stream.welcome({ epoch: "e1", lastSequence: 5, ...snapshotOf(waiting(6)) });
  await server.stream.event(waiting(7));
  expect(waitingCounts(harness).slice(-2)).toEqual([6, 7]);
});

it("ignores unknown events, but counts them", async () => {
  const harness = await ClientHarness.wait(server);
  await server.stream.event({ case: undefined });
  await server.stream.event(waiting(4));
  expect(waitingCounts(harness).at(-1)).toBe(4);
  expect(server.streams).toHaveLength(1);
});

it("reconnects with growing pauses, and reports once that the server is unreachable", async () => {
  const harness = await ClientHarness.arrive(server);
  server.onStream = () => {
    throw away();
  };
  await server.stream.end();
  for (const pauseMs of [250, 400, 640, 1024]) {
    const before = server.streams.length;
    await pass(pauseMs - 1);
    expect(server.streams).toHaveLength(before);
    await pass(1);
    expect(server.streams).toHaveLength(before + 1);
  }
  await pass(60_000);
  expect(harness.errors.map((error) => error.code)).toEqual(["server_unreachable"]);
  const { connection } = harness.client.state;
  expect(connection.status === "reconnecting" && connection.retryAtMs - Date.now()).toBeLessThanOrEqual(10_000);
});

it("backs off from a server that drops every stream at once, until a stream lasts", async () => {
  await ClientHarness.arrive(server);
  for (const pauseMs of [250, 400, 640]) {
    await server.stream.end();
    await pass(pauseMs - 1);
    const before = server.streams.length;
    await pass(1);
    expect(server.streams).toHaveLength(before + 1);
    await server.stream.welcome({ resumed: true });
  }
  await pass(5_000);
  await server.stream.end();
  await pass(250);
  expect(server.streams).toHaveLength(5);
});

it("does not report an outage that the first retry ends", async () => {
  const harness = await ClientHarness.arrive(server);
  await server.stream.fail(away());
  await pass(250);
  await server.stream.welcome({ resumed: true });
  expect(harness.errors).toEqual([]);
  expect(harness.status).toBe("online");
});

it("reports at once that the first connection failed", async () => {
  server.onStream = () => {
    throw new ConnectError("failed to fetch", Code.Unknown);
  };
  const harness = new ClientHarness(server);
  void harness.client.connect();
  await settle();
  expect(harness.errors.map((error) => error.code)).toEqual(["server_unreachable"]);
});

it("does not reconnect before the server's delay, even when the network changes", async () => {
  const window = new EventTarget();
  vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
  vi.stubGlobal("removeEventListener", window.removeEventListener.bind(window));
  server.onStream = () => {
    throw limitReached(30_000);
  };
  const harness = new ClientHarness(server);
  void harness.client.connect();
  await settle();
  expect(harness.errors).toMatchObject([{ code: "limit_reached", retryAfterMs: 30_000 }]);
  window.dispatchEvent(new Event("online"));
  await pass(29_999);
  expect(server.streams).toHaveLength(1);
  await pass(1);
  expect(server.streams).toHaveLength(2);
});

it("reconnects at once when the network is back", async () => {
  const window = new EventTarget();
  vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
  vi.stubGlobal("removeEventListener", window.removeEventListener.bind(window));
  const harness = await ClientHarness.arrive(server);
  await server.stream.end();
  window.dispatchEvent(new Event("online"));
  await settle();
  expect(server.streams).toHaveLength(2);
  await harness.client.close();
  window.dispatchEvent(new Event("online"));
  await settle();
  expect(server.streams).toHaveLength(2);
});

it("replaces a stream that was silent for a while when the page is shown again", async () => {
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  vi.stubGlobal("document", document);
  const harness = await ClientHarness.arrive(server);
  document.dispatchEvent(new Event("visibilitychange"));
  await settle();
  expect(server.streams).toHaveLength(1);
  await pass(21_000);
  document.dispatchEvent(new Event("visibilitychange"));
  await settle();
  expect(server.streams).toHaveLength(2);
  expect(harness.status).toBe("online");
});

it("abandons a stream that is silent for two heartbeats", async () => {
  const harness = await ClientHarness.arrive(server);
  await pass(20_000);
  await server.stream.control({ case: "heartbeat", value: {} });
  await pass(29_999);
  expect(harness.status).toBe("online");
  await pass(5_001);
  expect(server.streams[0]?.aborted).toBe(true);
  expect(server.streams.length).toBeGreaterThan(1);
});

it("detects a dead stream after the machine slept", async () => {
  const harness = await ClientHarness.arrive(server);
  vi.setSystemTime(Date.now() + 3_600_000);
  await pass(5_250);
  expect(server.streams).toHaveLength(2);
  expect(harness.status).toBe("reconnecting");
});

/** Neither the stream nor a call gets an answer. */
function silence(): void {
  server.onCall = () => new Promise(() => undefined);
}

it("explains a stream that does not open over plain HTTP, and keeps trying", async () => {
  silence();
  const harness = new ClientHarness(server, {}, "http://server.test");
  void harness.client.connect();
  await pass(8_000);
  expect(harness.errors).toMatchObject([{ code: "stream_blocked" }]);
  await pass(10_000);
  expect(server.streams.length).toBeGreaterThan(1);
  await server.stream.welcome();
  expect(harness.status).toBe("online");
});

it("reports the server as unreachable when a stream does not open over HTTPS", async () => {
  silence();
  const harness = new ClientHarness(server, {}, "https://server.test");
  void harness.client.connect();
  await pass(8_000);
  expect(harness.errors).toMatchObject([{ code: "server_unreachable" }]);
});

it("survives a listener that throws", async () => {
  const harness = new ClientHarness(server);
  harness.client.on("state", () => {
    throw new Error("a bug of the page");
  });
  const later = vi.fn();
  harness.client.on("state", later);
  void harness.client.connect();
  await settle();
  await server.stream.welcome();
  expect(harness.status).toBe("online");
  expect(later).toHaveBeenCalled();
});
