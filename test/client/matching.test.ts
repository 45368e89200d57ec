import { beforeEach, expect, it } from "vitest";
import { MatchEnded_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { IceTransportPolicy, Role } from "../../gen/satoshigle/v1/signal_pb.js";
import { FakePeerConnection, stubPeerConnection } from "./fake-peer-connection.js";
import { ScriptedServer, settle } from "./scripted-server.js";
import { outcome, useFakeClock, ClientHarness } from "./client-harness.js";

useFakeClock();

let server: ScriptedServer;
beforeEach(() => {
  server = new ScriptedServer();
});

const matched = (matchId: string) => ({ case: "matched" as const, value: { matchId, role: Role.ANSWERER } });
const waiting = () => ({ case: "waiting" as const, value: { waitingCount: 1 } });
const ended = (matchId: string, reason: MatchEnded_Reason, requeued: boolean) => ({
  case: "matchEnded" as const,
  value: { matchId, reason, requeued },
});

it("connects, sends the preferences and waits", async () => {
  const harness = new ClientHarness(server);
  const started = harness.client.start({ interests: ["chess"], languages: ["en"] });
  expect(harness.phase).toBe("waiting");
  await settle();
  expect(server.matches).toHaveLength(0);
  await server.stream.welcome();
  await started;
  expect(server.matches[0]).toMatchObject({
    preferences: { interests: ["chess"], languages: ["en"], relayOnly: false },
    rematch: true,
    leaveMatchId: "",
  });
});

it("does not request a rematch if the page disabled it", async () => {
  await ClientHarness.wait(server, { rematch: false });
  expect(server.matches[0]?.rematch).toBe(false);
});

it("does not show a match that crosses a stop, even after another start", async () => {
  const harness = await ClientHarness.wait(server);
  let acknowledge: () => void = () => undefined;
  server.onCall = () => new Promise((resolve) => (acknowledge = resolve));
  void harness.client.stop();
  void harness.client.start();
  await settle();
  await server.stream.event(matched("m1"));
  expect(harness.matched).toEqual([]);
  acknowledge();
  await settle();
  expect(server.matches.at(-1)?.leaveMatchId).toBe("m1");
});

it("keeps waiting when a match from before a stop ends after the next start", async () => {
  const harness = await ClientHarness.wait(server);
  void harness.client.stop();
  await settle();
  void harness.client.start();
  await server.stream.event(matched("m1"));
  await server.stream.event(ended("m1", MatchEnded_Reason.LEFT, false));
  await server.stream.event(waiting());
  await settle();
  expect(harness.phase).toBe("waiting");
  expect(server.names).toEqual(["match", "leave", "match"]);
});

it("reports a match and its end", async () => {
  const harness = await ClientHarness.wait(server);
  const value = { matchId: "m1", role: Role.ANSWERER, sharedInterests: ["chess"] };
  await server.stream.event({ case: "matched", value });
  expect(harness.matched).toEqual(["m1"]);
  expect(harness.client.state.activity).toMatchObject({
    phase: "matched",
    sharedInterests: ["chess"],
    call: "connecting",
    partner: { status: "present" },
    signaled: true,
  });
  await server.stream.event(ended("m1", MatchEnded_Reason.PARTNER_LEFT, false));
  expect(harness.ended).toEqual([["m1", "partner_left", false]]);
  expect(harness.phase).toBe("idle");
});

it("does not report the end of a stream that never arrived", async () => {
  const harness = await ClientHarness.match(server);
  const streams: unknown[] = [];
  harness.client.on("partnerStream", (stream) => streams.push(stream));
  await server.stream.event(ended("m1", MatchEnded_Reason.PARTNER_LEFT, true));
  expect(streams).toEqual([]);
});

it("waits again when the server has requeued it", async () => {
  const harness = await ClientHarness.match(server);
  await server.stream.event(ended("m1", MatchEnded_Reason.PARTNER_LOST, true));
  expect(harness.ended).toEqual([["m1", "partner_lost", true]]);
  expect(harness.phase).toBe("waiting");
  expect(server.matches).toHaveLength(1);
});

it("reports that the partner is away and back, by this side's clock", async () => {
  const harness = await ClientHarness.match(server);
  const value = { matchId: "m1", timeLeft: { seconds: 40n } };
  await server.stream.event({ case: "partnerAway", value });
  const partner = { status: "away", deadlineMs: Date.now() + 40_000 };
  expect(harness.client.state.activity).toMatchObject({ partner });
  await server.stream.event({ case: "partnerBack", value: { matchId: "m0" } });
  expect(harness.client.state.activity).toMatchObject({ partner });
  await server.stream.event({ case: "partnerBack", value: { matchId: "m1" } });
  expect(harness.client.state.activity).toMatchObject({ partner: { status: "present" } });
});

it("ends the match at once on next, and names the match it leaves", async () => {
  const harness = await ClientHarness.match(server);
  const next = harness.client.next();
  expect(harness.ended).toEqual([["m1", "left", true]]);
  expect(harness.phase).toBe("waiting");
  await settle();
  await next;
  expect(server.matches.at(-1)?.leaveMatchId).toBe("m1");
});

it("stays in the queue when the end of the match that next left arrives late", async () => {
  const harness = await ClientHarness.match(server);
  const next = harness.client.next();
  await settle();
  await next;
  await server.stream.event(ended("m1", MatchEnded_Reason.LEFT, false));
  await server.stream.event(waiting());
  await settle();
  expect(harness.phase).toBe("waiting");
  expect(server.names).not.toContain("leave");
  await server.stream.event(matched("m2"));
  expect(harness.matched).toEqual(["m1", "m2"]);
});

it("leaves one match when next is called twice", async () => {
  const harness = await ClientHarness.match(server);
  const presses = [outcome(harness.client.next()), outcome(harness.client.next())];
  await settle();
  expect(await Promise.all(presses)).toEqual(["done", "done"]);
  expect(server.matches.slice(1).map((match) => match.leaveMatchId)).toEqual(["m1"]);
  expect(harness.ended).toHaveLength(1);
});

it("is idle at once after stop", async () => {
  const harness = await ClientHarness.match(server);
  const stopped = harness.client.stop();
  expect(harness.phase).toBe("idle");
  expect(harness.ended).toEqual([["m1", "left", false]]);
  await settle();
  await stopped;
  expect(server.names.at(-1)).toBe("leave");
});

it("does not show a match that crosses a stop", async () => {
  const harness = await ClientHarness.wait(server);
  let acknowledge: () => void = () => undefined;
  server.onCall = () => new Promise((resolve) => (acknowledge = resolve));
  const stopped = harness.client.stop();
  await settle();
  await server.stream.event(matched("m1"));
  acknowledge();
  await settle();
  await stopped;
  await server.stream.event(ended("m1", MatchEnded_Reason.LEFT, false));
  expect(harness.matched).toEqual([]);
  expect(harness.ended).toEqual([]);
  expect(harness.phase).toBe("idle");
});

it("leaves again when a match arrives after a stop", async () => {
  const harness = await ClientHarness.wait(server);
  const stopped = harness.client.stop();
  await settle();
  await stopped;
  await server.stream.event(matched("m1"));
  await settle();
  expect(server.names.filter((name) => name === "leave")).toHaveLength(2);
  expect(harness.phase).toBe("idle");
});

it("looks for a partner after a stop that a start follows at once", async () => {
  const harness = await ClientHarness.match(server);
  const stopped = harness.client.stop();
  const started = harness.client.start();
  await settle();
  await Promise.all([stopped, started]);
  expect(server.names.slice(-2)).toEqual(["leave", "match"]);
  await server.stream.event(ended("m1", MatchEnded_Reason.LEFT, false));
  await server.stream.event(waiting());
  await settle();
  expect(harness.phase).toBe("waiting");
  expect(server.names.slice(-2)).toEqual(["leave", "match"]);
});

it("reports the current partner, or an earlier one by match", async () => {
  const harness = await ClientHarness.match(server);
  const reported = harness.client.report("harassment", "rude");
  await settle();
  await reported;
  expect(server.reports[0]).toMatchObject({ matchId: "m1", reason: ReportReason.HARASSMENT, comment: "rude" });
  await server.stream.event(ended("m1", MatchEnded_Reason.REPORTED, true));
  expect(harness.ended).toEqual([["m1", "reported", true]]);
  const again = harness.client.report("spam", "", "m0");
  await settle();
  await again;
  expect(server.reports[1]?.matchId).toBe("m0");
});

it("rejects a report without a match", async () => {
  const harness = await ClientHarness.wait(server);
  await expect(harness.client.report("spam")).rejects.toMatchObject({ code: "match_over" });
});

it("refuses to send a message without a partner, or an empty one", async () => {
  const harness = await ClientHarness.match(server);
  expect(() => harness.client.say("hello")).toThrow(expect.objectContaining({ code: "match_over" }));
  expect(() => harness.client.say(" ")).toThrow(expect.objectContaining({ code: "invalid" }));
  expect(() => harness.client.say("x".repeat(2_001))).toThrow(expect.objectContaining({ code: "invalid" }));
});

it("sends an interest once, however it is composed", async () => {
  const harness = await ClientHarness.arrive(server);
  await Promise.all([harness.client.start({ interests: ["caf\u00e9", "cafe\u0301", "go"] }), settle()]);
  expect(server.matches[0]).toMatchObject({ preferences: { interests: ["caf\u00e9", "go"] } });
});

it("applies preferences that changed during a match when it is requeued", async () => {
  const harness = await ClientHarness.match(server);
  await harness.client.start({ interests: ["go"] });
  expect(server.matches).toHaveLength(1);
  await server.stream.event(ended("m1", MatchEnded_Reason.PARTNER_LEFT, true));
  await settle();
  expect(server.matches[1]).toMatchObject({ preferences: { interests: ["go"] }, leaveMatchId: "" });
});

it("prepares a relayed offer if the server relays every call", async () => {
  stubPeerConnection();
  const harness = new ClientHarness(server);
  const started = harness.client.start();
  await settle();
  await server.stream.welcome({ iceTransportPolicy: IceTransportPolicy.RELAY });
  await started;
  expect(server.matches[0]?.offer).toBeDefined();
  expect(FakePeerConnection.all.map(({ configuration }) => configuration.iceTransportPolicy)).toEqual(["relay"]);
});
