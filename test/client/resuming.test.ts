import { beforeEach, expect, it } from "vitest";
import { Role } from "../../gen/satoshigle/v1/signal_pb.js";
import { pass, ScriptedServer, sessionOver, settle, snapshotOf } from "./scripted-server.js";
import { useFakeClock, Visitor } from "./visitor.js";

useFakeClock();

let server: ScriptedServer;
beforeEach(() => {
  server = new ScriptedServer();
});

it("returns to the queue by itself when its session was lost while it waited", async () => {
  const visitor = await Visitor.wait(server);
  server.onStream = () => {
    if (server.stream.token === "Bearer secret") throw sessionOver();
  };
  await server.stream.end();
  await pass(250);
  await server.stream.welcome({ sessionId: "anna2", token: "secret2", epoch: "e2" });
  await settle();
  expect(server.calls).toEqual([
    { name: "match", token: "Bearer secret" },
    { name: "match", token: "Bearer secret2" },
  ]);
  expect(visitor.phase).toBe("waiting");
});

it("stays idle when its session was lost while it was idle", async () => {
  await Visitor.arrive(server);
  server.onStream = () => {
    if (server.stream.token === "Bearer secret") throw sessionOver();
  };
  await server.stream.end();
  await pass(250);
  await server.stream.welcome({ sessionId: "anna2", token: "secret2" });
  await settle();
  expect(server.calls).toEqual([]);
});

it("gives up a call that did not run yet when its session was lost, and looks for another", async () => {
  const visitor = await Visitor.match(server);
  server.onStream = () => {
    if (server.stream.token === "Bearer secret") throw sessionOver();
  };
  await server.stream.end();
  await pass(250);
  await server.stream.welcome({ sessionId: "anna2", token: "secret2" });
  await settle();
  expect(visitor.ended).toEqual([["m1", "call_lost", true]]);
  expect(server.names).toEqual(["match", "match"]);
});

it("ends a match that the snapshot does not know any more", async () => {
  const visitor = await Visitor.match(server);
  await server.stream.end();
  await pass(250);
  await server.stream.welcome({ epoch: "e2", lastSequence: 8 });
  expect(visitor.ended).toEqual([["m1", "partner_left", false]]);
  expect(visitor.phase).toBe("idle");
});

it("moves on to the match that the snapshot has instead", async () => {
  const visitor = await Visitor.match(server);
  await server.stream.end();
  await pass(250);
  const inMatch = { case: "inMatch" as const, value: { matchId: "m2", role: Role.ANSWERER, partnerPresent: false } };
  await server.stream.welcome({ epoch: "e2", lastSequence: 8, ...snapshotOf(inMatch) });
  expect(visitor.ended).toEqual([["m1", "partner_left", true]]);
  expect(visitor.client.state.activity).toMatchObject({ matchId: "m2", partner: { status: "away" } });
});

it("does not show a match again that was left while the stream was away", async () => {
  const visitor = await Visitor.match(server);
  await server.stream.end();
  void visitor.client.next();
  await pass(250);
  const inMatch = { case: "inMatch" as const, value: { matchId: "m1", role: Role.ANSWERER, partnerPresent: true } };
  await server.stream.welcome({ epoch: "e2", lastSequence: 8, ...snapshotOf(inMatch) });
  await settle();
  expect(visitor.matched).toEqual(["m1"]);
  expect(server.matches.at(-1)?.leaveMatchId).toBe("m1");
});
