import type { MessageInitShape } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { Description_Type, type SignalSchema } from "../../gen/satoshigle/v1/signal_pb.js";
import { callJson } from "../support/http.js";
import { candidate, expectUnharmed, pair, type Pair, roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { readRefusal, refusalOf } from "../support/refusal.js";
import { sdp } from "../support/sdp.js";
import { startServer, type TestServer } from "../support/server.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer(roomy);
});
afterAll(() => server.close());

type SignalInit = MessageInitShape<typeof SignalSchema>;
type Attempt = [what: string, field: string, call: (pair: Pair) => Promise<unknown>];

function describing(value: { type?: Description_Type; sdp?: string; connectionId?: string }): SignalInit {
  return { kind: { case: "description", value: { type: Description_Type.OFFER, ...value } } };
}

function candidateWith(value: { candidate?: string; sdpMid?: string; sdpMlineIndex?: number }): SignalInit {
  return { kind: { case: "candidate", value } };
}

/** A `Send` whose first signals are valid: if they were relayed, the partner would see them. */
function sending(...signals: SignalInit[]): Attempt[2] {
  return ({ offerer, matchId }) => offerer.send({ matchId, clientSequence: 1, signals });
}

function matching(request: Parameters<TestClient["match"]>[0]): Attempt[2] {
  return ({ offerer, matchId }) => offerer.match({ leaveMatchId: matchId, ...request });
}

function reporting(request: Parameters<TestClient["report"]>[0]): Attempt[2] {
  return ({ offerer, matchId }) => offerer.report({ matchId, reason: ReportReason.SPAM, ...request });
}

const control = "\u0007";
/** A number that no enum of the protocol defines. */
const unknownValue = 99 as never;
const letters = (count: number) => Array.from({ length: count }, (_, index) => String.fromCharCode(97 + index));

const badSends: Attempt[] = [
  ["text that is not SDP", "signals[1].description.sdp", sending(candidate(1), describing({ sdp: "hello" }))],
  ["an SDP without a media section", "signals[0].description.sdp", sending(describing({ sdp: "v=0\r\ns=-\r\nt=0 0" }))],
  ["an empty SDP", "signals[0].description.sdp", sending(describing({ sdp: "" }))],
  ["17 KiB of SDP", "signals[0].description.sdp", sending(describing({ sdp: sdp(`a=x:${"x".repeat(17 * 1024)}`) }))],
  ["a control character in SDP", "signals[0].description.sdp", sending(describing({ sdp: sdp(`a=x:${control}`) }))],
  [
    "a rollback with SDP",
    "signals[0].description.sdp",
    sending(describing({ type: Description_Type.ROLLBACK, sdp: sdp() })),
  ],
  [
    "a description without a type",
    "signals[0].description.type",
    sending(describing({ type: Description_Type.UNSPECIFIED, sdp: sdp() })),
  ],
  [
    "a description of an unknown type",
    "signals[0].description.type",
    sending(describing({ type: unknownValue, sdp: sdp() })),
  ],
  ["a bad connection id", "signals[0].description.connection_id", sending(describing({ connectionId: "a b" }))],
  ["65 candidates", "signals", sending(...Array.from({ length: 65 }, (_, index) => candidate(index)))],
  ["no signals", "signals", sending()],
  ["a candidate over 1 KiB", "signals[0].candidate.candidate", sending(candidateWith({ candidate: "x".repeat(1025) }))],
  [
    "a control character in a candidate",
    "signals[1].candidate.candidate",
    sending(candidate(1), candidateWith({ candidate: control })),
  ],
  ["a line break in a candidate", "signals[0].candidate.candidate", sending(candidateWith({ candidate: "a\r\na=b" }))],
  ["a control character in a media id", "signals[0].candidate.sdp_mid", sending(candidateWith({ sdpMid: control }))],
  ["a negative media index", "signals[0].candidate.sdp_mline_index", sending(candidateWith({ sdpMlineIndex: -1 }))],
  ["a signal without a kind", "signals[0].kind", sending({})],
  [
    "a match id of 65 characters",
    "match_id",
    ({ offerer }) => offerer.send({ matchId: "x".repeat(65), clientSequence: 1, signals: [candidate(1)] }),
  ],
  [
    "a client sequence of 0",
    "client_sequence",
    ({ offerer, matchId }) => offerer.send({ matchId, clientSequence: 0, signals: [candidate(1)] }),
  ],
];

const badMatches: Attempt[] = [
  ["11 interests", "preferences.interests", matching({ preferences: { interests: letters(11) } })],
  [
    "an interest of 33 characters",
    "preferences.interests[0]",
    matching({ preferences: { interests: ["x".repeat(33)] } }),
  ],
  ["a blank interest", "preferences.interests[0]", matching({ preferences: { interests: [" "] } })],
  [
    "a control character in an interest",
    "preferences.interests[1]",
    matching({ preferences: { interests: ["go", `a${control}`] } }),
  ],
  [
    "6 languages",
    "preferences.languages",
    matching({ preferences: { languages: letters(6).map((one) => one + one) } }),
  ],
  ["a bad language", "preferences.languages[1]", matching({ preferences: { languages: ["en", "english"] } })],
  ["an offer of type answer", "offer.type", matching({ offer: { type: Description_Type.ANSWER, sdp: sdp() } })],
  ["an offer of unknown type", "offer.type", matching({ offer: { type: unknownValue, sdp: sdp() } })],
  ["an offer that is not SDP", "offer.sdp", matching({ offer: { type: Description_Type.OFFER, sdp: "v=0" } })],
  [
    "an offer of 17 KiB",
    "offer.sdp",
    matching({ offer: { type: Description_Type.OFFER, sdp: sdp(`a=x:${"x".repeat(17 * 1024)}`) } }),
  ],
];

const badReports: Attempt[] = [
  ["a control character in a comment", "comment", reporting({ comment: `a${control}b` })],
  ["a comment of 1001 characters", "comment", reporting({ comment: "x".repeat(1001) })],
  ["a report without a reason", "reason", reporting({ reason: ReportReason.UNSPECIFIED })],
  ["a report for an unknown reason", "reason", reporting({ reason: unknownValue })],
  ["a report without a match", "match_id", reporting({ matchId: "" })],
];

describe("an invalid field is refused with its path and changes nothing", () => {
  it.each([...badSends, ...badMatches, ...badReports])("%s (%s)", async (_what, field, call) => {
    const two = await pair(transportTo(server.url));
    expect(await refusalOf(call(two))).toMatchObject({ code: "InvalidArgument", field });
    await expectUnharmed(two);
  });

  it.each([
    ["a negative last sequence", "last_sequence", { lastSequence: -1 }],
    ["an epoch of 65 characters", "epoch", { epoch: "x".repeat(65) }],
  ])("%s (%s)", async (_what, field, resume) => {
    const person = await TestClient.open(transportTo(server.url));
    const { token } = person.welcome;
    const refused = TestClient.open(person.transport, { token, ...resume });
    expect(await refusalOf(refused)).toMatchObject({ code: "InvalidArgument", field });
    await person.leave();
  });
});

describe("an unknown enum name in JSON is refused with its path and changes nothing", () => {
  it.each([
    ["SignalService/Send", "TYPE_BOGUS", "signals[0].description.type", descriptionOf("TYPE_BOGUS")],
    ["SignalService/Send", "99", "signals[0].description.type", descriptionOf(99)],
    ["MatchService/Match", "TYPE_BOGUS", "offer.type", { offer: { type: "TYPE_BOGUS", sdp: sdp() } }],
    ["MatchService/Report", "REASON_BOGUS", "reason", { reason: "REASON_BOGUS" }],
  ])("%s: %s (%s)", async (method, _value, field, body) => {
    const two = await pair(transportTo(server.url));
    const { token } = two.offerer.welcome;
    const request = {
      ...(method.endsWith("Match") ? { leaveMatchId: two.matchId } : { matchId: two.matchId }),
      ...body,
    };
    const answer = await callJson(server.url, `satoshigle.v1.${method}`, request, token);
    expect(answer.status).toBe(400);
    expect(readRefusal(answer.error)).toMatchObject({ code: "InvalidArgument", field });
    await expectUnharmed(two);
  });

  function descriptionOf(type: string | number) {
    return { clientSequence: 1, signals: [{ description: { type, sdp: sdp() } }] };
  }
});

describe("client_sequence", () => {
  it("refuses a gap and names the expected number", async () => {
    const two = await pair(transportTo(server.url));
    const { offerer, matchId } = two;
    const refusal = await refusalOf(offerer.send({ matchId, clientSequence: 3, signals: [candidate(3)] }));
    expect(refusal).toMatchObject({ code: "FailedPrecondition", reason: "SEQUENCE_GAP", field: "client_sequence" });
    expect(refusal.message).toContain("must be 1");
    await expectUnharmed(two);
  });

  it("acknowledges a repeated call without a second effect", async () => {
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    await offerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
    await offerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
    await offerer.send({ matchId, clientSequence: 1, signals: [candidate(99)] });
    await offerer.send({ matchId, clientSequence: 2, signals: [candidate(2)] });
    for (const index of [1, 2]) {
      expect((await answerer.until("signalReceived")).signals).toMatchObject([candidate(index)]);
    }
  });
});
