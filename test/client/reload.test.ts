import { beforeEach, expect, it } from "vitest";
import { Role } from "../../gen/satoshigle/v1/signal_pb.js";
import { pass, ScriptedServer, sessionOver, settle, snapshotOf } from "./scripted-server.js";
import { createStorage, outcome, useFakeClock, ClientHarness } from "./client-harness.js";

useFakeClock();

let server: ScriptedServer;
let storage: ReturnType<typeof createStorage>;
beforeEach(() => {
  server = new ScriptedServer();
  storage = createStorage();
});

/** The page after a reload, with the same storage only. */
async function reload(): Promise<ClientHarness> {
  const harness = new ClientHarness(server, { storage });
  void outcome(harness.client.connect());
  await settle();
  return harness;
}

const waiting = { case: "waiting" as const, value: { waitingCount: 3 } };
const inMatch = {
  case: "inMatch" as const,
  value: { matchId: "m1", role: Role.ANSWERER, partnerPresent: true, clientSequence: 2, sharedInterests: ["tea"] },
};

it("resumes the session and requests a snapshot", async () => {
  await ClientHarness.wait(server, { storage });
  await reload();
  expect(server.stream.token).toBe("Bearer secret");
  expect(server.stream.request).toMatchObject({ epoch: "", lastSequence: 0 });
});

it("separates the sessions of different servers", async () => {
  await ClientHarness.wait(server, { storage });
  const other = new ClientHarness(server, { storage }, "http://elsewhere.test");
  void outcome(other.client.connect());
  await settle();
  expect(server.stream.token).toBeNull();
});

it("continues to wait", async () => {
  await ClientHarness.wait(server, { storage });
  const harness = await reload();
  await server.stream.welcome({ lastSequence: 1, ...snapshotOf(waiting) });
  expect(harness.client.state.activity).toMatchObject({ phase: "waiting", waitingCount: 3 });
});

it("continues its match", async () => {
  await ClientHarness.match(server, { storage });
  const harness = await reload();
  await server.stream.welcome({ lastSequence: 2, ...snapshotOf(inMatch) });
  expect(harness.matched).toEqual(["m1"]);
  expect(harness.client.state.activity).toMatchObject({
    matchId: "m1",
    sharedInterests: ["tea"],
    call: "connecting",
  });
});

it("keeps the preferences for the next search", async () => {
  const before = await ClientHarness.arrive(server, { storage });
  void before.client.start({ interests: ["tea"] });
  await settle();
  const harness = await reload();
  await server.stream.welcome({ lastSequence: 2, ...snapshotOf(inMatch) });
  void harness.client.next();
  await settle();
  expect(server.matches.at(-1)).toMatchObject({ preferences: { interests: ["tea"] }, leaveMatchId: "m1" });
});

it("completes a stop that the reload interrupted", async () => {
  const before = await ClientHarness.match(server, { storage });
  await server.stream.end();
  void outcome(before.client.stop());
  const harness = await reload();
  await server.stream.welcome({ lastSequence: 2, ...snapshotOf(inMatch) });
  await settle();
  expect(harness.matched).toEqual([]);
  expect(harness.phase).toBe("idle");
  expect(server.names.at(-1)).toBe("leave");
});

it("does not look for a partner when the session is gone", async () => {
  await ClientHarness.wait(server, { storage });
  server.onStream = () => {
    if (server.stream.token !== null) throw sessionOver();
  };
  const harness = await reload();
  await server.stream.welcome({ sessionId: "anna2", token: "secret2" });
  await pass(10_000);
  expect(harness.phase).toBe("idle");
  expect(server.matches).toHaveLength(1);
});

it("deletes the session on close", async () => {
  const harness = await ClientHarness.wait(server, { storage });
  expect(storage.size).toBe(1);
  const closed = harness.client.close();
  await settle();
  await closed;
  expect(storage.size).toBe(0);
});

it("works when the storage is blocked", async () => {
  const forbidden = () => {
    throw new Error("forbidden");
  };
  const harness = await ClientHarness.wait(server, {
    storage: { getItem: forbidden, setItem: forbidden, removeItem: forbidden },
  });
  expect(harness.phase).toBe("waiting");
});

it("ignores foreign data in the storage", async () => {
  storage.set("satoshigle:http://server.test", '{"token":7}');
  await ClientHarness.arrive(server, { storage });
  expect(server.streams[0]?.token).toBeNull();
});
