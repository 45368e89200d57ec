import { beforeEach, expect, it } from "vitest";
import { Role } from "../../gen/satoshigle/v1/signal_pb.js";
import { pass, ScriptedServer, sessionOver, settle, snapshotOf } from "./scripted-server.js";
import { useFakeClock, ClientHarness } from "./client-harness.js";

useFakeClock();

let server: ScriptedServer;
beforeEach(() => {
  server = new ScriptedServer();
});

it("returns to the queue when its session was lost while waiting", async () => {
  const harness = await ClientHarness.wait(server);
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
  expect(harness.phase).toBe("waiting");
});

it("stays idle when its session was lost while idle", async () => {
  await ClientHarness.arrive(server);
  server.onStream = () => {
    if (server.stream.token === "Bearer secret") throw sessionOver();
  };
  await server.stream.end();
  await pass(250);
  await server.stream.welcome({ sessionId: "anna2", token: "secret2" });
  await settle();
  expect(server.calls).toEqual([]);
});

it("abandons an unconnected call when its session was lost, and looks for another partner", async () => {
  const harness = await ClientHarness.match(server);
  server.onStream = () => {
    if (server.stream.token === "Bearer secret") throw sessionOver();
  };
  await server.stream.end();
  await pass(250);
  await server.stream.welcome({ sessionId: "anna2", token: "secret2" });
  await settle();
  expect(harness.ended).toEqual([["m1", "call_lost", true]]);
  expect(server.names).toEqual(["match", "match"]);
});

it("ends a match that the snapshot does not contain", async () => {
  const harness = await ClientHarness.match(server);
  await server.stream.end();
  await pass(250);
  await server.stream.welcome({ epoch: "e2", lastSequence: 8 });
  expect(harness.ended).toEqual([["m1", "partner_left", false]]);
  expect(harness.phase).toBe("idle");
});

it("switches to the match in the snapshot", async () => {
  const harness = await ClientHarness.match(server);
  await server.stream.end();
  await pass(250);
  const inMatch = { case: "inMatch" as const, value: { matchId: "m2", role: Role.ANSWERER, partnerPresent: false } };
  await server.stream.welcome({ epoch: "e2", lastSequence: 8, ...snapshotOf(inMatch) });
  expect(harness.ended).toEqual([["m1", "partner_left", true]]);
  expect(harness.client.state.activity).toMatchObject({ matchId: "m2", partner: { status: "away" } });
});

it("does not show a match again that was left while the stream was down", async () => {
  const harness = await ClientHarness.match(server);
  await server.stream.end();
  void harness.client.next();
  await pass(250);
  const inMatch = { case: "inMatch" as const, value: { matchId: "m1", role: Role.ANSWERER, partnerPresent: true } };
  await server.stream.welcome({ epoch: "e2", lastSequence: 8, ...snapshotOf(inMatch) });
  await settle();
  expect(harness.matched).toEqual(["m1"]);
  expect(server.matches.at(-1)?.leaveMatchId).toBe("m1");
});
