import { Code, ConnectError } from "@connectrpc/connect";
import { beforeEach, expect, it, vi } from "vitest";
import { away, limitReached, pass, ScriptedServer, settle, snapshotOf } from "./scripted-server.js";
import { useFakeClock, Visitor } from "./visitor.js";

useFakeClock();

let server: ScriptedServer;
beforeEach(() => {
  server = new ScriptedServer();
});

const waiting = (waitingCount: number) => ({ case: "waiting" as const, value: { waitingCount } });
const waitingCounts = (visitor: Visitor) =>
  visitor.states.flatMap(({ activity }) => (activity.phase === "waiting" ? [activity.waitingCount] : []));

it("opens without a token and sends the one it got with every later call", async () => {
  const visitor = await Visitor.arrive(server);
  expect(server.stream.token).toBeNull();
  expect(visitor.status).toBe("online");
  const stopped = visitor.client.stop();
  await settle();
  await stopped;
  expect(server.calls).toEqual([{ name: "leave", token: "Bearer secret" }]);
});

it("opens nothing before it is asked to", async () => {
  const visitor = new Visitor(server);
  await visitor.client.stop();
  expect(server.streams).toHaveLength(0);
  expect(visitor.status).toBe("closed");
});

it("resumes after the last event that it applied", async () => {
  const visitor = await Visitor.wait(server);
  await server.stream.event(waiting(2));
  await server.stream.end();
  expect(visitor.status).toBe("reconnecting");
  await pass(250);
  expect(server.stream.request).toMatchObject({ epoch: "e1", lastSequence: 2 });
  expect(server.stream.token).toBe("Bearer secret");
});

it("applies each event once when a resumed stream repeats some", async () => {
  const visitor = await Visitor.wait(server);
  await server.stream.event(waiting(2));
  await server.stream.end();
  await pass(250);
  await server.stream.welcome({ resumed: true, lastSequence: 1 });
  await server.stream.event(waiting(77));
  await server.stream.event(waiting(3));
  expect(waitingCounts(visitor).at(-1)).toBe(3);
  expect(waitingCounts(visitor)).not.toContain(77);
});

it("ignores the snapshot of a stream that skips nothing", async () => {
  const visitor = await Visitor.wait(server);
  await server.stream.end();
  await pass(250);
  await server.stream.welcome({ resumed: true, lastSequence: 1 });
  expect(visitor.phase).toBe("waiting");
});

it("goes on after the same event when the numbers go on in another epoch", async () => {
  const visitor = await Visitor.wait(server);
  await server.stream.end();
  await pass(250);
  await server.stream.welcome({ resumed: true, epoch: "e2", lastSequence: 1 });
  expect(visitor.phase).toBe("waiting");
  await server.stream.event(waiting(7));
  await server.stream.end();
  await pass(400);
  expect(server.stream.request).toMatchObject({ epoch: "e2", lastSequence: 2 });
});

it("does not believe that another epoch was resumed after something it has not handled", async () => {
  const visitor = await Visitor.wait(server);
  await server.stream.end();
  await pass(250);
  await server.stream.welcome({ resumed: true, epoch: "e2", lastSequence: 9 });
  expect(visitor.phase).toBe("idle");
  await server.stream.end();
  await pass(400);
  expect(server.stream.request).toMatchObject({ epoch: "e2", lastSequence: 9 });
});

it("asks for a snapshot when an event is missing", async () => {
  const visitor = await Visitor.wait(server);
  await server.stream.raw(5, waiting(5));
  expect(waitingCounts(visitor)).not.toContain(5);
  await pass(250);
  expect(server.stream.request).toMatchObject({ epoch: "", lastSequence: 0 });
  await server.stream.welcome({ epoch: "e1", lastSequence: 5, ...snapshotOf(waiting(6)) });
  await server.stream.event(waiting(7));
  expect(waitingCounts(visitor).slice(-2)).toEqual([6, 7]);
});

it("ignores events that it does not know, and counts them", async () => {
  const visitor = await Visitor.wait(server);
  await server.stream.event({ case: undefined });
  await server.stream.event(waiting(4));
  expect(waitingCounts(visitor).at(-1)).toBe(4);
  expect(server.streams).toHaveLength(1);
});

it("tries again with growing pauses, and says once that the server is away", async () => {
  const visitor = await Visitor.arrive(server);
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
  expect(visitor.errors.map((error) => error.code)).toEqual(["server_unreachable"]);
  const { connection } = visitor.client.state;
  expect(connection.status === "reconnecting" && connection.retryAtMs - Date.now()).toBeLessThanOrEqual(10_000);
});

it("slows down for a server that drops every stream at once, and forgets that once a stream lived", async () => {
  await Visitor.arrive(server);
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

it("says nothing of a hiccup that the first retry heals", async () => {
  const visitor = await Visitor.arrive(server);
  await server.stream.fail(away());
  await pass(250);
  await server.stream.welcome({ resumed: true });
  expect(visitor.errors).toEqual([]);
  expect(visitor.status).toBe("online");
});

it("says at once that it cannot connect in the first place", async () => {
  server.onStream = () => {
    throw new ConnectError("failed to fetch", Code.Unknown);
  };
  const visitor = new Visitor(server);
  void visitor.client.connect();
  await settle();
  expect(visitor.errors.map((error) => error.code)).toEqual(["server_unreachable"]);
});

it("does not come back before the server said, even when the network changes", async () => {
  const window = new EventTarget();
  vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
  vi.stubGlobal("removeEventListener", window.removeEventListener.bind(window));
  server.onStream = () => {
    throw limitReached(30_000);
  };
  const visitor = new Visitor(server);
  void visitor.client.connect();
  await settle();
  expect(visitor.errors).toMatchObject([{ code: "limit_reached", retryAfterMs: 30_000 }]);
  window.dispatchEvent(new Event("online"));
  await pass(29_999);
  expect(server.streams).toHaveLength(1);
  await pass(1);
  expect(server.streams).toHaveLength(2);
});

it("tries at once when the network is back", async () => {
  const window = new EventTarget();
  vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
  vi.stubGlobal("removeEventListener", window.removeEventListener.bind(window));
  const visitor = await Visitor.arrive(server);
  await server.stream.end();
  window.dispatchEvent(new Event("online"));
  await settle();
  expect(server.streams).toHaveLength(2);
  await visitor.client.close();
  window.dispatchEvent(new Event("online"));
  await settle();
  expect(server.streams).toHaveLength(2);
});

it("replaces a stream that was silent for a while when the page is looked at again", async () => {
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  vi.stubGlobal("document", document);
  const visitor = await Visitor.arrive(server);
  document.dispatchEvent(new Event("visibilitychange"));
  await settle();
  expect(server.streams).toHaveLength(1);
  await pass(21_000);
  document.dispatchEvent(new Event("visibilitychange"));
  await settle();
  expect(server.streams).toHaveLength(2);
  expect(visitor.status).toBe("online");
});

it("gives up a stream on which nothing came for two heartbeats", async () => {
  const visitor = await Visitor.arrive(server);
  await pass(20_000);
  await server.stream.tell({ case: "heartbeat", value: {} });
  await pass(29_999);
  expect(visitor.status).toBe("online");
  await pass(5_001);
  expect(server.streams[0]?.aborted).toBe(true);
  expect(server.streams).toHaveLength(2);
});

it("notices after a sleep of the machine that the stream is old", async () => {
  const visitor = await Visitor.arrive(server);
  vi.setSystemTime(Date.now() + 3_600_000);
  await pass(5_250);
  expect(server.streams).toHaveLength(2);
  expect(visitor.status).toBe("reconnecting");
});

it("explains a stream that does not open over plain HTTP, and keeps trying", async () => {
  const visitor = new Visitor(server, {}, "http://server.test");
  void visitor.client.connect();
  await pass(8_000);
  expect(visitor.errors).toMatchObject([{ code: "stream_blocked" }]);
  await pass(10_000);
  expect(server.streams.length).toBeGreaterThan(1);
  await server.stream.welcome();
  expect(visitor.status).toBe("online");
});

it("calls the server away when a stream does not open over HTTPS", async () => {
  const visitor = new Visitor(server, {}, "https://server.test");
  void visitor.client.connect();
  await pass(8_000);
  expect(visitor.errors).toMatchObject([{ code: "server_unreachable" }]);
});

it("is not disturbed by a listener that throws", async () => {
  const visitor = new Visitor(server);
  visitor.client.on("state", () => {
    throw new Error("a bug of the page");
  });
  const later = vi.fn();
  visitor.client.on("state", later);
  void visitor.client.connect();
  await settle();
  await server.stream.welcome();
  expect(visitor.status).toBe("online");
  expect(later).toHaveBeenCalled();
});
