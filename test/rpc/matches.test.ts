import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MatchEnded_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { Description_Type, IceTransportPolicy, Role, type SignalSchema } from "../../gen/satoshigle/v1/signal_pb.js";
import { candidate, pair, roomy, uniqueInterest } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { refusalOf } from "../support/refusal.js";
import { sdp } from "../support/sdp.js";
import { startServer, type TestServer } from "../support/server.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer(roomy);
});
afterAll(() => server.close());

const open = () => TestClient.open(transportTo(server.url));

/** The session is idle and received no event: when it asks again, its next event is `waiting`. */
async function expectNothingMore(person: TestClient): Promise<void> {
  await person.match({ preferences: { interests: [uniqueInterest()] } });
  expect((await person.next()).event.case).toBe("waiting");
}

describe("Match", () => {
  it("queues the first caller and pairs the second with it, each with its role", async () => {
    const [waiter, seeker] = [await open(), await open()];
    const interest = uniqueInterest();
    await waiter.match({ preferences: { interests: [interest.toUpperCase(), "chess"] } });
    const waiting = await waiter.until("waiting");
    expect(waiting).toMatchObject({ widened: false, onlyRecentPartners: false });
    expect(waiting.waitingCount).toBeGreaterThan(0);
    expect(waiting.startTime && Date.now() - timestampMs(waiting.startTime)).toBeLessThan(10_000);
    await seeker.match({ preferences: { interests: [interest] } });
    const [answerer, offerer] = await Promise.all([waiter.until("matched"), seeker.until("matched")]);
    expect(offerer.matchId).toBe(answerer.matchId);
    const same = { sharedInterests: [interest], iceTransportPolicy: IceTransportPolicy.ALL };
    expect(answerer).toMatchObject({ ...same, role: Role.ANSWERER });
    expect(offerer).toMatchObject({ ...same, role: Role.OFFERER });
    expect(answerer.offer).toBeUndefined();
    expect(offerer.handshakeTimeout && durationMs(offerer.handshakeTimeout)).toBe(20_000);
  });

  it("delivers the offer of the second caller to the waiting one, and only there", async () => {
    const [waiter, seeker] = [await open(), await open()];
    const preferences = { interests: [uniqueInterest()] };
    const offerOf = (name: string) => ({ type: Description_Type.OFFER, sdp: sdp(`a=x:${name}`), connectionId: name });
    await waiter.match({ preferences, offer: offerOf("waiter") });
    await seeker.match({ preferences, offer: offerOf("seeker") });
    expect((await waiter.until("matched")).offer).toMatchObject(offerOf("seeker"));
    expect((await seeker.until("matched")).offer).toBeUndefined();
  });

  it("does not pair sessions without a shared interest, nor without a shared language", async () => {
    const [tag, other] = [uniqueInterest(), uniqueInterest()];
    const people = [await open(), await open(), await open()];
    await people[0]?.match({ preferences: { interests: [tag], languages: ["en"] } });
    await people[1]?.match({ preferences: { interests: [tag], languages: ["de"] } });
    await people[2]?.match({ preferences: { interests: [other], languages: ["en"] } });
    for (const person of people) expect((await person.next()).event.case).toBe("waiting");
  });

  it("is repeatable: it keeps the place while waiting, and has no effect in a match", async () => {
    const [waiter, seeker] = [await open(), await open()];
    const preferences = { interests: [uniqueInterest()] };
    await waiter.match({ preferences });
    await waiter.match({ preferences });
    await seeker.match({ preferences });
    const { matchId } = await waiter.until("matched");
    await waiter.match({ preferences });
    await waiter.match({});
    await seeker.until("matched");
    await seeker.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
    expect((await waiter.next()).event.case).toBe("signalReceived");
  });

  it("refuses a relayed call if there is no relay", async () => {
    const refusal = await refusalOf((await open()).match({ preferences: { relayOnly: true } }));
    expect(refusal).toMatchObject({
      code: "FailedPrecondition",
      reason: "RELAY_UNAVAILABLE",
      field: "preferences.relay_only",
    });
  });
});

describe("Send", () => {
  it("relays signals of every kind, in order and unchanged", async () => {
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    const signals: MessageInitShape<typeof SignalSchema>[] = [
      { kind: { case: "description", value: { type: Description_Type.OFFER, sdp: sdp(), connectionId: "pc1" } } },
      {
        kind: { case: "candidate", value: { candidate: "c:1", sdpMid: "0", sdpMlineIndex: 0, usernameFragment: "x" } },
      },
      { kind: { case: "candidate", value: { candidate: "" } } },
      { kind: { case: "candidatesDone", value: {} } },
      { kind: { case: "description", value: { type: Description_Type.ROLLBACK } } },
    ];
    await offerer.send({ matchId, clientSequence: 1, signals });
    expect(await answerer.until("signalReceived")).toMatchObject({ matchId, signals });
  });
});

describe("next", () => {
  it("ends the named match and looks for another; the partner is notified that it was skipped", async () => {
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    await offerer.match({ leaveMatchId: matchId, preferences: { interests: [uniqueInterest()] } });
    expect(await offerer.until("matchEnded")).toMatchObject({ matchId, reason: MatchEnded_Reason.LEFT });
    expect((await offerer.next()).event.case).toBe("waiting");
    const expected = { matchId, reason: MatchEnded_Reason.PARTNER_SKIPPED, requeued: false };
    expect(await answerer.until("matchEnded")).toMatchObject(expected);
    await expectNothingMore(answerer);
  });

  it("has no effect on the match when it is repeated or names an older match", async () => {
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    const preferences = { interests: [uniqueInterest()] };
    await offerer.match({ leaveMatchId: matchId, preferences });
    const stranger = await open();
    await stranger.match({ preferences });
    const { matchId: newMatchId } = await stranger.until("matched");
    await offerer.match({ leaveMatchId: matchId, preferences });
    await stranger.send({ matchId: newMatchId, clientSequence: 1, signals: [candidate(1)] });
    expect(await offerer.until("signalReceived")).toMatchObject({ matchId: newMatchId });
    await answerer.until("matchEnded");
  });
});

describe("Leave", () => {
  it("sends the partner exactly one MatchEnded, and no further event of the match", async () => {
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    await offerer.leave();
    await offerer.leave();
    expect((await answerer.next()).event).toMatchObject({
      case: "matchEnded",
      value: { matchId, reason: MatchEnded_Reason.PARTNER_LEFT, requeued: false },
    });
    await expectNothingMore(answerer);
    expect((await offerer.next()).event).toMatchObject({
      case: "matchEnded",
      value: { reason: MatchEnded_Reason.LEFT },
    });
    await expectNothingMore(offerer);
  });

  it("removes a waiting session from the queue", async () => {
    const [waiter, other] = [await open(), await open()];
    const preferences = { interests: [uniqueInterest()] };
    await waiter.match({ preferences });
    await waiter.leave();
    await other.match({ preferences });
    expect((await other.next()).event.case).toBe("waiting");
  });
});

describe("rematch", () => {
  it("requeues a session whose partner left", async () => {
    const { offerer, answerer } = await pair(transportTo(server.url), { rematch: true });
    await offerer.leave();
    const expected = { reason: MatchEnded_Reason.PARTNER_LEFT, requeued: true };
    expect(await answerer.until("matchEnded")).toMatchObject(expected);
    expect((await answerer.next()).event.case).toBe("waiting");
    expect(await offerer.until("matchEnded")).toMatchObject({ reason: MatchEnded_Reason.LEFT, requeued: false });
  });
});

describe("Report", () => {
  it("ends the match; the reported side only learns that the partner left", async () => {
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    await offerer.report({ matchId, reason: ReportReason.SPAM, comment: "sells\nthings" });
    expect(await offerer.until("matchEnded")).toMatchObject({ matchId, reason: MatchEnded_Reason.REPORTED });
    expect(await answerer.until("matchEnded")).toMatchObject({ matchId, reason: MatchEnded_Reason.PARTNER_LEFT });
    await expectNothingMore(answerer);
  });

  it("is accepted when it is repeated, and after the match has ended", async () => {
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    await answerer.leave();
    await offerer.until("matchEnded");
    await offerer.report({ matchId, reason: ReportReason.OTHER });
    await offerer.report({ matchId, reason: ReportReason.OTHER });
    await expectNothingMore(offerer);
  });
});

describe("a partner whose stream breaks", () => {
  it("is reported as away until a deadline, and as back when it resumes", async () => {
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    await answerer.break();
    const away = await offerer.until("partnerAway");
    expect(away.matchId).toBe(matchId);
    expect(away.timeLeft && durationMs(away.timeLeft)).toBeGreaterThan(50_000);
    expect(away.deadlineTime && timestampMs(away.deadlineTime) - Date.now()).toBeGreaterThan(50_000);
    await TestClient.open(answerer.transport, answerer.resume);
    expect((await offerer.next()).event).toMatchObject({ case: "partnerBack", value: { matchId } });
  });
});
