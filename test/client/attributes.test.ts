import { beforeEach, expect, it } from "vitest";
import { Role } from "../../gen/satoshigle/v1/signal_pb.js";
import { ClientHarness, useFakeClock } from "./client-harness.js";
import { ScriptedServer, settle } from "./scripted-server.js";

useFakeClock();

let server: ScriptedServer;
beforeEach(() => {
  server = new ScriptedServer();
});

const matched = (matchId: string) => ({ case: "matched" as const, value: { matchId, role: Role.ANSWERER } });

it("says attributes and filters, and shows what the server announces and answers", async () => {
  const harness = new ClientHarness(server);
  const wish = { attributes: { mode: ["audio"] }, filters: { level: ["high", "low"] } };
  const started = harness.client.start(wish);
  await settle();
  const level = { name: "level", values: ["high", "low"], saidByClient: true, filterable: true, maxValues: 1 };
  await server.stream.welcome({ attributes: [level] });
  await started;
  expect(harness.client.state.attributes).toMatchObject([level]);
  expect(server.matches[0]).toMatchObject({
    attributes: [{ name: "mode", values: ["audio"] }],
    filters: [{ name: "level", values: ["high", "low"] }],
  });
  await server.stream.event({ case: "waiting", value: { waitingCount: 2, gaveWay: ["level"], fittingCount: 1 } });
  expect(harness.client.state.activity).toMatchObject({ phase: "waiting", gaveWay: ["level"], fittingCount: 1 });
  const sharedAttributes = [{ name: "level", values: ["low"] }];
  const value = { ...matched("m1").value, partnerMode: "text", sharedAttributes };
  await server.stream.event({ case: "matched", value });
  const shown = { phase: "matched", partnerMode: "text", sharedAttributes: { level: ["low"] } };
  expect(harness.client.state.activity).toMatchObject(shown);
});

it("takes a partner of an older server for one who sends video", async () => {
  const harness = await ClientHarness.wait(server);
  await server.stream.event(matched("m1"));
  expect(harness.client.state.activity).toMatchObject({ partnerMode: "video", sharedAttributes: {} });
});
