import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { beforeEach, expect, it } from "vitest";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { SessionClosed_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { away, pass, ScriptedServer, sessionOver, settle, snapshotOf } from "./scripted-server.js";
import { outcome, pendingTimers, useFakeClock, ClientHarness } from "./client-harness.js";

useFakeClock();

let server: ScriptedServer;
beforeEach(() => {
  server = new ScriptedServer();
});

const waiting = (waitingCount: number) => ({ case: "waiting" as const, value: { waitingCount } });
const waitingCounts = (harness: ClientHarness) =>
  harness.states.flatMap(({ activity }) => (activity.phase === "waiting" ? [activity.waitingCount] : []));

it("opens the next stream before a draining one ends, without interruption", async () => {
  const harness = await ClientHarness.wait(server);
  const [old] = server.streams;
  await old?.control({ case: "draining", value: { reconnectAfter: durationFromMs(3_000) } });
  await old?.event(waiting(2));
  await pass(3_000);
  expect(server.streams).toHaveLength(2);
  expect(server.stream.request.lastSequence).toBe(2);
  await old?.event(waiting(3));
  const replaced = { reason: SessionClosed_Reason.REPLACED, shouldReconnect: false };
  await old?.control({ case: "sessionClosed", value: replaced });
  await server.stream.welcome({ resumed: true, lastSequence: 2 });
  await server.stream.event(waiting(3));
  await server.stream.event(waiting(4));
  expect(waitingCounts(harness)).toEqual([0, 1, 2, 3, 4]);
  expect(new Set(harness.states.slice(3).map((state) => state.connection.status))).toEqual(new Set(["online"]));
  expect(harness.errors).toEqual([]);
});

it("keeps a draining stream until the next one opens", async () => {
  const harness = await ClientHarness.wait(server);
  server.onStream = () => {
    throw away();
  };
  await server.stream.control({ case: "draining", value: { reconnectAfter: durationFromMs(100) } });
  await pass(2_000);
  expect(server.streams.length).toBeGreaterThan(2);
  expect(harness.status).toBe("online");
  expect(harness.errors).toEqual([]);
  await server.streams[0]?.end();
  await pass(10_000);
  expect(harness.errors.map((error) => error.code)).toEqual(["server_unreachable"]);
});

it("opens one stream when a server announces its drain repeatedly", async () => {
  await ClientHarness.wait(server);
  const [old] = server.streams;
  for (let repeat = 0; repeat < 5; repeat++) {
    await old?.control({ case: "draining", value: {} });
    await pass(repeat === 0 ? 1_000 : 100); // less than the second stream may take to open
  }
  expect(server.streams).toHaveLength(2);
});

it("backs off from the start after a stream that lasted until its server drained", async () => {
  await ClientHarness.arrive(server);
  for (const pauseMs of [250, 400, 640]) {
    await server.stream.end();
    await pass(pauseMs);
    await server.stream.welcome({ resumed: true });
  }
  await pass(5_000);
  await server.stream.control({ case: "draining", value: {} });
  await pass(0);
  await server.stream.welcome({ resumed: true });
  const before = server.streams.length;
  await server.stream.end();
  await pass(250);
  expect(server.streams).toHaveLength(before + 1);
});

it("takes the session back from a stale attempt of its own", async () => {
  const harness = await ClientHarness.arrive(server);
  server.onStream = () => {
    throw away();
  };
  await server.stream.end();
  await pass(500);
  server.onStream = undefined;
  await pass(3_000);
  await server.stream.welcome();
  expect(harness.status).toBe("online");
  const replaced = { reason: SessionClosed_Reason.REPLACED, shouldReconnect: false };
  await server.stream.control({ case: "sessionClosed", value: replaced });
  const before = server.streams.length;
  await pass(3_000);
  expect(server.streams).toHaveLength(before + 1);
  await server.stream.welcome();
  await server.stream.control({ case: "sessionClosed", value: replaced });
  expect(harness.errors.at(-1)?.code).toBe("replaced");
});

it("reconnects to a server that shuts down", async () => {
  const harness = await ClientHarness.arrive(server);
  const value = { reason: SessionClosed_Reason.SHUTTING_DOWN, shouldReconnect: true };
  await server.stream.control({ case: "sessionClosed", value });
  expect(harness.status).toBe("reconnecting");
  await pass(250);
  expect(server.streams).toHaveLength(2);
});

it("yields to another tab, and takes the session back on connect", async () => {
  const harness = await ClientHarness.wait(server);
  const value = { reason: SessionClosed_Reason.REPLACED, shouldReconnect: false };
  await server.stream.control({ case: "sessionClosed", value });
  await pass(60_000);
  expect(server.streams).toHaveLength(1);
  expect([harness.status, harness.phase]).toEqual(["closed", "idle"]);
  expect(harness.errors.map((error) => error.code)).toEqual(["replaced"]);

  const connected = harness.client.connect();
  await settle();
  expect(server.stream.token).toBe("Bearer secret");
  expect(server.stream.request.epoch).toBe("");
  await server.stream.welcome({ lastSequence: 4, ...snapshotOf(waiting(3)) });
  await connected;
  expect(harness.phase).toBe("waiting");
});

it("does not reconnect when it is banned, and rejects waiting commands", async () => {
  const harness = await ClientHarness.wait(server);
  server.onCall = () => {
    throw away();
  };
  const next = outcome(harness.client.next());
  await settle();
  await server.stream.control({
    case: "sessionClosed",
    value: { reason: SessionClosed_Reason.BANNED, shouldReconnect: false },
  });
  await pass(60_000);
  expect(server.streams).toHaveLength(1);
  expect(harness.phase).toBe("idle");
  expect(harness.errors.map((error) => error.code)).toContain("banned");
  expect(await next).toBe("banned");
});

it("does not reconnect when an operator closed its session, and rejects waiting commands", async () => {
  const harness = await ClientHarness.wait(server);
  server.onCall = () => {
    throw away();
  };
  const next = outcome(harness.client.next());
  await settle();
  await server.stream.control({
    case: "sessionClosed",
    value: { reason: SessionClosed_Reason.REMOVED, shouldReconnect: false },
  });
  await pass(60_000);
  expect(server.streams).toHaveLength(1);
  expect(harness.phase).toBe("idle");
  expect(harness.errors.map((error) => error.code)).toContain("removed");
  expect(await next).toBe("removed");
});

it("does not reconnect when its network is banned, and reports until when", async () => {
  const expiresAtMs = Date.UTC(2030, 4, 17, 8, 30);
  const metadata = { expire_time: new Date(expiresAtMs).toISOString() };
  server.onStream = () => {
    const value = create(ErrorInfoSchema, { reason: "BANNED", domain: "satoshigle", metadata });
    throw new ConnectError("kept out", Code.PermissionDenied, undefined, [{ desc: ErrorInfoSchema, value }]);
  };
  const harness = new ClientHarness(server);
  const starting = outcome(harness.client.connect());
  await pass(600_000);
  expect(await starting).toBe("banned");
  expect(server.streams).toHaveLength(1);
  expect(harness.errors).toMatchObject([{ code: "banned", message: "kept out", expiresAtMs }]);
});

it("stops when the page's origin is refused", async () => {
  server.onStream = () => {
    throw new ConnectError("not from here", Code.PermissionDenied);
  };
  const harness = new ClientHarness(server);
  const connected = outcome(harness.client.connect());
  await pass(60_000);
  expect(await connected).toBe("origin_denied");
  expect(server.streams).toHaveLength(1);
});

it("begins a new session when the old one is over", async () => {
  const harness = await ClientHarness.arrive(server);
  server.onStream = () => {
    if (server.stream.token !== null) throw sessionOver();
  };
  await server.stream.end();
  await pass(250);
  expect(server.streams.map((stream) => stream.token)).toEqual([null, "Bearer secret", null]);
  await server.stream.welcome({ sessionId: "anna2", token: "secret2" });
  expect(harness.status).toBe("online");
  expect(harness.phase).toBe("idle");
  expect(harness.errors).toEqual([]);
});

it("ends what was under way, and what comes later, with a code of its own when it is closed", async () => {
  const harness = new ClientHarness(server);
  const { client } = harness;
  const waiting = [client.connect(), client.start(), client.next()];
  await settle();
  const closed = client.close();
  const ended = await Promise.all([...waiting, client.connect(), client.setMedia(null)].map(outcome));
  expect(new Set(ended)).toEqual(new Set(["closed"]));
  await closed;
  await client.stop();
  expect(harness.errors).toEqual([]);
});

it("refuses to look for a partner in a browser without WebRTC, and asks the server for nothing", async () => {
  const harness = await ClientHarness.arrive(server);
  Reflect.deleteProperty(globalThis, "RTCPeerConnection");
  expect(await Promise.all([harness.client.start(), harness.client.next()].map(outcome))).toEqual([
    "no_webrtc",
    "no_webrtc",
  ]);
  await settle();
  expect([harness.phase, server.calls]).toEqual(["idle", []]);
});

it("closes for good: leaves, deletes the session, and emits nothing more", async () => {
  const harness = await ClientHarness.match(server);
  const closed = harness.client.close();
  const states = harness.states.length;
  await settle();
  await closed;
  expect(server.names.at(-1)).toBe("leave");
  expect(server.stream.aborted).toBe(true);
  await pass(600_000);
  expect(server.streams).toHaveLength(1);
  expect(harness.states).toHaveLength(states);
  expect(pendingTimers()).toEqual([]);
  expect(harness.client.state).toEqual({
    connection: { status: "closed" },
    activity: { phase: "idle" },
    attributes: [],
    modeLimit: "",
    tips: null,
  });
  await expect(harness.client.start()).rejects.toMatchObject({ code: "closed" });
});
