import { beforeEach, expect, it } from "vitest";
import { MatchEnded_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { IceTransportPolicy, Role } from "../../gen/satoshigle/v1/signal_pb.js";
import { FakePeerConnection, stubPeerConnection } from "./fake-peer-connection.js";
import { ScriptedServer, settle } from "./scripted-server.js";
import { outcome, useFakeClock, Visitor } from "./visitor.js";

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

it("connects, asks with the preferences and waits", async () => {
  const visitor = new Visitor(server);
  const started = visitor.client.start({ interests: ["chess"], languages: ["en"] });
  expect(visitor.phase).toBe("waiting");
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

it("does not ask to be queued again when the page does not want it", async () => {
  await Visitor.wait(server, { rematch: false });
  expect(server.matches[0]?.rematch).toBe(false);
});

it("does not show a match that crosses a stop, even when start was pressed again", async () => {
  const visitor = await Visitor.wait(server);
  let acknowledge: () => void = () => undefined;
  server.onCall = () => new Promise((resolve) => (acknowledge = resolve));
  void visitor.client.stop();
  void visitor.client.start();
  await settle();
  await server.stream.event(matched("m1"));
  expect(visitor.matched).toEqual([]);
  acknowledge();
  await settle();
  expect(server.matches.at(-1)?.leaveMatchId).toBe("m1");
});

it("goes on looking when a match from before a stop ends after the next start", async () => {
  const visitor = await Visitor.wait(server);
  void visitor.client.stop();
  await settle();
  void visitor.client.start();
  await server.stream.event(matched("m1"));
  await server.stream.event(ended("m1", MatchEnded_Reason.LEFT, false));
  await server.stream.event(waiting());
  await settle();
  expect(visitor.phase).toBe("waiting");
  expect(server.names).toEqual(["match", "leave", "match"]);
});

it("tells of a match and of its end", async () => {
  const visitor = await Visitor.wait(server);
  const value = { matchId: "m1", role: Role.ANSWERER, sharedInterests: ["chess"] };
  await server.stream.event({ case: "matched", value });
  expect(visitor.matched).toEqual(["m1"]);
  expect(visitor.client.state.activity).toMatchObject({
    phase: "matched",
    sharedInterests: ["chess"],
    call: "connecting",
    partner: { status: "present" },
    signaled: true,
  });
  await server.stream.event(ended("m1", MatchEnded_Reason.PARTNER_LEFT, false));
  expect(visitor.ended).toEqual([["m1", "partner_left", false]]);
  expect(visitor.phase).toBe("idle");
});

it("does not take away a picture that never came", async () => {
  const visitor = await Visitor.match(server);
  const streams: unknown[] = [];
  visitor.client.on("partnerStream", (stream) => streams.push(stream));
  await server.stream.event(ended("m1", MatchEnded_Reason.PARTNER_LEFT, true));
  expect(streams).toEqual([]);
});

it("waits again by itself when the server queued it again", async () => {
  const visitor = await Visitor.match(server);
  await server.stream.event(ended("m1", MatchEnded_Reason.PARTNER_LOST, true));
  expect(visitor.ended).toEqual([["m1", "partner_lost", true]]);
  expect(visitor.phase).toBe("waiting");
  expect(server.matches).toHaveLength(1);
});

it("shows that the partner is away and back, by this side's clock", async () => {
  const visitor = await Visitor.match(server);
  const value = { matchId: "m1", timeLeft: { seconds: 40n } };
  await server.stream.event({ case: "partnerAway", value });
  const partner = { status: "away", deadlineMs: Date.now() + 40_000 };
  expect(visitor.client.state.activity).toMatchObject({ partner });
  await server.stream.event({ case: "partnerBack", value: { matchId: "m0" } });
  expect(visitor.client.state.activity).toMatchObject({ partner });
  await server.stream.event({ case: "partnerBack", value: { matchId: "m1" } });
  expect(visitor.client.state.activity).toMatchObject({ partner: { status: "present" } });
});

it("lets the partner vanish the moment next is pressed, and names the match it leaves", async () => {
  const visitor = await Visitor.match(server);
  const next = visitor.client.next();
  expect(visitor.ended).toEqual([["m1", "left", true]]);
  expect(visitor.phase).toBe("waiting");
  await settle();
  await next;
  expect(server.matches.at(-1)?.leaveMatchId).toBe("m1");
});

it("stays in the queue when the end that next brought about is told late", async () => {
  const visitor = await Visitor.match(server);
  const next = visitor.client.next();
  await settle();
  await next;
  await server.stream.event(ended("m1", MatchEnded_Reason.LEFT, false));
  await server.stream.event(waiting());
  await settle();
  expect(visitor.phase).toBe("waiting");
  expect(server.names).not.toContain("leave");
  await server.stream.event(matched("m2"));
  expect(visitor.matched).toEqual(["m1", "m2"]);
});

it("leaves one match when next is pressed twice", async () => {
  const visitor = await Visitor.match(server);
  const presses = [outcome(visitor.client.next()), outcome(visitor.client.next())];
  await settle();
  expect(await Promise.all(presses)).toEqual(["done", "done"]);
  expect(server.matches.slice(1).map((match) => match.leaveMatchId)).toEqual(["m1"]);
  expect(visitor.ended).toHaveLength(1);
});

it("is idle the moment stop is pressed", async () => {
  const visitor = await Visitor.match(server);
  const stopped = visitor.client.stop();
  expect(visitor.phase).toBe("idle");
  expect(visitor.ended).toEqual([["m1", "left", false]]);
  await settle();
  await stopped;
  expect(server.names.at(-1)).toBe("leave");
});

it("does not show a match that crosses a stop", async () => {
  const visitor = await Visitor.wait(server);
  let acknowledge: () => void = () => undefined;
  server.onCall = () => new Promise((resolve) => (acknowledge = resolve));
  const stopped = visitor.client.stop();
  await settle();
  await server.stream.event(matched("m1"));
  acknowledge();
  await settle();
  await stopped;
  await server.stream.event(ended("m1", MatchEnded_Reason.LEFT, false));
  expect(visitor.matched).toEqual([]);
  expect(visitor.ended).toEqual([]);
  expect(visitor.phase).toBe("idle");
});

it("leaves again when a match still comes after a stop", async () => {
  const visitor = await Visitor.wait(server);
  const stopped = visitor.client.stop();
  await settle();
  await stopped;
  await server.stream.event(matched("m1"));
  await settle();
  expect(server.names.filter((name) => name === "leave")).toHaveLength(2);
  expect(visitor.phase).toBe("idle");
});

it("looks for someone after a stop that is at once followed by a start", async () => {
  const visitor = await Visitor.match(server);
  const stopped = visitor.client.stop();
  const started = visitor.client.start();
  await settle();
  await Promise.all([stopped, started]);
  expect(server.names.slice(-2)).toEqual(["leave", "match"]);
  await server.stream.event(ended("m1", MatchEnded_Reason.LEFT, false));
  await server.stream.event(waiting());
  await settle();
  expect(visitor.phase).toBe("waiting");
  expect(server.names.slice(-2)).toEqual(["leave", "match"]);
});

it("reports the current partner, or an earlier one by match", async () => {
  const visitor = await Visitor.match(server);
  const reported = visitor.client.report("harassment", "rude");
  await settle();
  await reported;
  expect(server.reports[0]).toMatchObject({ matchId: "m1", reason: ReportReason.HARASSMENT, comment: "rude" });
  await server.stream.event(ended("m1", MatchEnded_Reason.REPORTED, true));
  expect(visitor.ended).toEqual([["m1", "reported", true]]);
  const again = visitor.client.report("spam", "", "m0");
  await settle();
  await again;
  expect(server.reports[1]?.matchId).toBe("m0");
});

it("has nobody to report without a match", async () => {
  const visitor = await Visitor.wait(server);
  await expect(visitor.client.report("spam")).rejects.toMatchObject({ code: "match_over" });
});

it("refuses to say anything to nobody, or nothing to somebody", async () => {
  const visitor = await Visitor.match(server);
  expect(() => visitor.client.say("hello")).toThrow(expect.objectContaining({ code: "match_over" }));
  expect(() => visitor.client.say(" ")).toThrow(expect.objectContaining({ code: "invalid" }));
  expect(() => visitor.client.say("x".repeat(2_001))).toThrow(expect.objectContaining({ code: "invalid" }));
});

it("takes preferences that change during a match along into the queue it returns to by itself", async () => {
  const visitor = await Visitor.match(server);
  await visitor.client.start({ interests: ["go"] });
  expect(server.matches).toHaveLength(1);
  await server.stream.event(ended("m1", MatchEnded_Reason.PARTNER_LEFT, true));
  await settle();
  expect(server.matches[1]).toMatchObject({ preferences: { interests: ["go"] }, leaveMatchId: "" });
});

it("makes its first offer for the relay where the server relays every call", async () => {
  stubPeerConnection();
  const visitor = new Visitor(server);
  const started = visitor.client.start();
  await settle();
  await server.stream.welcome({ iceTransportPolicy: IceTransportPolicy.RELAY });
  await started;
  expect(server.matches[0]?.offer).toBeDefined();
  expect(FakePeerConnection.all.map(({ configuration }) => configuration.iceTransportPolicy)).toEqual(["relay"]);
});
