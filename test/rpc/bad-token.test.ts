import { createClient } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MatchEnded_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { MatchService, ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import { candidate, expectUnharmed, pair, roomy, uniqueInterest } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ ...roomy, MAX_DISCONNECTION_DURATION_MS: "1000" });
});
afterAll(() => server.close());

type Call = (authorization: string | undefined, matchId: string) => Promise<unknown>;

/** Every call that needs a session. */
const calls: [string, Call][] = [
  [
    "Send",
    (authorization, matchId) =>
      signaling().send({ matchId, clientSequence: 1, signals: [candidate(1)] }, withHeader(authorization)),
  ],
  ["Match", (authorization, leaveMatchId) => matches().match({ leaveMatchId }, withHeader(authorization))],
  ["Leave", (authorization) => matches().leave({}, withHeader(authorization))],
  [
    "Report",
    (authorization, matchId) => matches().report({ matchId, reason: ReportReason.SPAM }, withHeader(authorization)),
  ],
];

/** Invalid tokens, derived from the token of this session. */
const forgeries: [string, (token: string, otherToken: string) => string][] = [
  ["a forged signature", (token) => `Bearer ${idOf(token)}.${"A".repeat(43)}`],
  ["the signature of another token", (token, other) => `Bearer ${idOf(token)}.${String(other.split(".")[1])}`],
  ["a truncated signature", (token) => `Bearer ${token.slice(0, -1)}`],
  ["a lengthened signature", (token) => `Bearer ${token}A`],
  ["an id without a signature", (token) => `Bearer ${idOf(token)}`],
  ["an empty signature", (token) => `Bearer ${idOf(token)}.`],
  ["a token without its scheme", (token) => token],
  ["a token of another scheme", (token) => `Basic ${token}`],
  ["no token after the scheme", () => "Bearer "],
  ["two tokens", (token, other) => `Bearer ${token}, Bearer ${other}`],
];

function signaling() {
  return createClient(SignalService, transportTo(server.url));
}

function matches() {
  return createClient(MatchService, transportTo(server.url));
}

function withHeader(authorization: string | undefined) {
  return authorization === undefined ? {} : { headers: { authorization } };
}

function idOf(token: string): string {
  return String(token.split(".")[0]);
}

describe("a call without a genuine token is refused and changes nothing", () => {
  it.each(calls)("%s without a token", async (_name, call) => {
    const two = await pair(transportTo(server.url));
    const refusal = await refusalOf(call(undefined, two.matchId));
    expect(refusal).toMatchObject({ code: "Unauthenticated", reason: "TOKEN_INVALID" });
    await expectUnharmed(two);
  });

  it.each(calls.flatMap(([name, call]) => forgeries.map(([what, forge]) => [name, what, call, forge] as const)))(
    "%s with %s",
    async (_name, _what, call, forge) => {
      const two = await pair(transportTo(server.url));
      const authorization = forge(two.offerer.welcome.token, two.answerer.welcome.token);
      const refusal = await refusalOf(call(authorization, two.matchId));
      expect(refusal).toMatchObject({ code: "Unauthenticated", reason: "TOKEN_INVALID" });
      await expectUnharmed(two);
    },
  );

  it.each(forgeries)("Signal with %s", async (_what, forge) => {
    const two = await pair(transportTo(server.url));
    const headers = { authorization: forge(two.offerer.welcome.token, two.answerer.welcome.token) };
    const stream = signaling().signal({}, { headers })[Symbol.asyncIterator]();
    expect(await refusalOf(stream.next())).toMatchObject({ code: "Unauthenticated", reason: "TOKEN_INVALID" });
    await expectUnharmed(two);
  });

  it("a token of a server with another secret is refused", async () => {
    const other = await startServer({ SESSION_SECRET: "another secret of at least 32 characters" });
    const stranger = await TestClient.open(transportTo(other.url));
    const refused = TestClient.open(transportTo(server.url), { token: stranger.welcome.token });
    expect(await refusalOf(refused)).toMatchObject({ code: "Unauthenticated", reason: "TOKEN_INVALID" });
    await other.close();
  });
});

describe("the token of an ended session", () => {
  it("is refused by every call and by Signal", async () => {
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    await offerer.break();
    const { reason } = await answerer.until("matchEnded");
    expect(reason).toBe(MatchEnded_Reason.PARTNER_LOST);
    const { resume } = offerer;
    const over = { code: "Unauthenticated", reason: "SESSION_UNKNOWN" };
    for (const [, call] of calls) {
      expect(await refusalOf(call(`Bearer ${resume.token}`, matchId))).toMatchObject(over);
    }
    expect(await refusalOf(TestClient.open(offerer.transport, resume))).toMatchObject(over);
  });
});

describe("a match ID that is not the caller's current match", () => {
  const notYours = { code: "FailedPrecondition", reason: "MATCH_OVER" };

  it("of other sessions is refused by Send, and no session receives the signals", async () => {
    const [two, others] = await Promise.all([pair(transportTo(server.url)), pair(transportTo(server.url))]);
    const call = two.offerer.send({ matchId: others.matchId, clientSequence: 1, signals: [candidate(1)] });
    expect(await refusalOf(call)).toMatchObject(notYours);
    await expectUnharmed(two);
    await expectUnharmed(others);
  });

  it("of other sessions is refused by Report, and their match continues", async () => {
    const [two, others] = await Promise.all([pair(transportTo(server.url)), pair(transportTo(server.url))]);
    const call = two.offerer.report({ matchId: others.matchId, reason: ReportReason.SPAM });
    expect(await refusalOf(call)).toMatchObject(notYours);
    await expectUnharmed(two);
    await expectUnharmed(others);
  });

  it("of other sessions as leave_match_id ends neither match", async () => {
    const [two, others] = await Promise.all([pair(transportTo(server.url)), pair(transportTo(server.url))]);
    await two.offerer.match({ leaveMatchId: others.matchId });
    await expectUnharmed(two);
    await expectUnharmed(others);
  });

  it("of an ended match is refused by Send, and the former partner receives nothing", async () => {
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    await offerer.leave();
    await answerer.until("matchEnded");
    const call = offerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
    expect(await refusalOf(call)).toMatchObject(notYours);
    await answerer.match({ preferences: { interests: [uniqueInterest()] } });
    expect((await answerer.next()).event.case).toBe("waiting");
  });

  it("that never existed is refused by Send and Report", async () => {
    const two = await pair(transportTo(server.url));
    const send = two.offerer.send({ matchId: "nowhere.0", clientSequence: 1, signals: [candidate(1)] });
    expect(await refusalOf(send)).toMatchObject(notYours);
    const report = two.offerer.report({ matchId: "nowhere.0", reason: ReportReason.SPAM });
    expect(await refusalOf(report)).toMatchObject(notYours);
    await expectUnharmed(two);
  });
});
