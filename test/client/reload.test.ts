import { beforeEach, expect, it } from "vitest";
import { Role } from "../../gen/satoshigle/v1/signal_pb.js";
import { pass, ScriptedServer, sessionOver, settle, snapshotOf } from "./scripted-server.js";
import { createStorage, outcome, useFakeClock, Visitor } from "./visitor.js";

useFakeClock();

let server: ScriptedServer;
let storage: ReturnType<typeof createStorage>;
beforeEach(() => {
  server = new ScriptedServer();
  storage = createStorage();
});

/** The page after a reload: the same storage, nothing else. */
async function reload(): Promise<Visitor> {
  const visitor = new Visitor(server, { storage });
  void outcome(visitor.client.connect());
  await settle();
  return visitor;
}

const waiting = { case: "waiting" as const, value: { waitingCount: 3 } };
const inMatch = {
  case: "inMatch" as const,
  value: { matchId: "m1", role: Role.ANSWERER, partnerPresent: true, clientSequence: 2, sharedInterests: ["tea"] },
};

it("takes the session up again, and asks for a snapshot", async () => {
  await Visitor.wait(server, { storage });
  await reload();
  expect(server.stream.token).toBe("Bearer secret");
  expect(server.stream.request).toMatchObject({ epoch: "", lastSequence: 0 });
});

it("keeps sessions of different servers apart", async () => {
  await Visitor.wait(server, { storage });
  const other = new Visitor(server, { storage }, "http://elsewhere.test");
  void outcome(other.client.connect());
  await settle();
  expect(server.stream.token).toBeNull();
});

it("waits on when it waited", async () => {
  await Visitor.wait(server, { storage });
  const visitor = await reload();
  await server.stream.welcome({ lastSequence: 1, ...snapshotOf(waiting) });
  expect(visitor.client.state.activity).toMatchObject({ phase: "waiting", waitingCount: 3 });
});

it("goes on with its match", async () => {
  await Visitor.match(server, { storage });
  const visitor = await reload();
  await server.stream.welcome({ lastSequence: 2, ...snapshotOf(inMatch) });
  expect(visitor.matched).toEqual(["m1"]);
  expect(visitor.client.state.activity).toMatchObject({ matchId: "m1", sharedInterests: ["tea"], call: "connecting" });
});

it("keeps the preferences for the next search", async () => {
  const before = await Visitor.arrive(server, { storage });
  void before.client.start({ interests: ["tea"] });
  await settle();
  const visitor = await reload();
  await server.stream.welcome({ lastSequence: 2, ...snapshotOf(inMatch) });
  void visitor.client.next();
  await settle();
  expect(server.matches.at(-1)).toMatchObject({ preferences: { interests: ["tea"] }, leaveMatchId: "m1" });
});

it("carries out a stop that the reload cut off", async () => {
  const before = await Visitor.match(server, { storage });
  await server.stream.end();
  void outcome(before.client.stop());
  const visitor = await reload();
  await server.stream.welcome({ lastSequence: 2, ...snapshotOf(inMatch) });
  await settle();
  expect(visitor.matched).toEqual([]);
  expect(visitor.phase).toBe("idle");
  expect(server.names.at(-1)).toBe("leave");
});

it("does not look for anyone by itself when the session is gone", async () => {
  await Visitor.wait(server, { storage });
  server.onStream = () => {
    if (server.stream.token !== null) throw sessionOver();
  };
  const visitor = await reload();
  await server.stream.welcome({ sessionId: "anna2", token: "secret2" });
  await pass(10_000);
  expect(visitor.phase).toBe("idle");
  expect(server.matches).toHaveLength(1);
});

it("forgets the session when it is closed", async () => {
  const visitor = await Visitor.wait(server, { storage });
  expect(storage.size).toBe(1);
  const closed = visitor.client.close();
  await settle();
  await closed;
  expect(storage.size).toBe(0);
});

it("works without a storage that forbids itself", async () => {
  const forbidden = () => {
    throw new Error("forbidden");
  };
  const visitor = await Visitor.wait(server, {
    storage: { getItem: forbidden, setItem: forbidden, removeItem: forbidden },
  });
  expect(visitor.phase).toBe("waiting");
});

it("is not confused by what others keep under its name", async () => {
  storage.set("satoshigle:http://server.test", '{"token":7}');
  await Visitor.arrive(server, { storage });
  expect(server.streams[0]?.token).toBeNull();
});
