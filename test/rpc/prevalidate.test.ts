import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { createValidator } from "@bufbuild/protovalidate";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MatchRequestSchema } from "../../gen/satoshigle/v1/matching_pb.js";
import { SendRequestSchema } from "../../gen/satoshigle/v1/signaling_pb.js";
import { matchPrecheck, sendPrecheck } from "../../src/rpc/fast-path/prevalidate.js";

const validator = createValidator();

/** Text around a limit, of characters that the rules distinguish. */
const text = (...limits: number[]) =>
  fc.oneof(
    fc.string({
      unit: fc.constantFrom("a", "Z", "0", "-", "_", " ", "\r", "\n", "\t", "\0", "\x7f", "é", "😀"),
      maxLength: 4,
    }),
    fc.string({ unit: "grapheme-ascii", maxLength: 8 }),
    fc.constantFrom(...limits, ...limits.map((limit) => limit + 1)).map((length) => "a".repeat(length)),
    fc.constantFrom(...limits).map((length) => "é".repeat(length)),
  );
const integer = fc.constantFrom(-1, 0, 1, 2, 3, 4, 255, 256);
const many = <T>(item: fc.Arbitrary<T>, limit: number) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.array(item, { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.array(item, { minLength: limit, maxLength: limit + 1 }) },
  );
const description = fc.record({ type: integer, sdp: text(16_384), connectionId: text(36) });
const candidate = fc.record(
  { candidate: text(1024), sdpMid: text(64), sdpMlineIndex: integer, usernameFragment: text(256) },
  { requiredKeys: ["candidate"] },
);
const kind = fc.oneof(
  description.map((value) => ({ case: "description" as const, value })),
  candidate.map((value) => ({ case: "candidate" as const, value })),
  fc.constant({ case: "candidatesDone" as const, value: {} }),
  fc.constant({ case: undefined }),
);
const send = fc.record({ matchId: text(64), clientSequence: integer, signals: many(fc.record({ kind }), 64) });
const wish = fc.record({
  interests: many(text(32), 10),
  languages: many(fc.oneof(fc.constantFrom("en", "EN", "eng", "e", "engl"), text(3)), 5),
});
const name = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom("gender", "a_1") },
  { weight: 1, arbitrary: fc.oneof(fc.constantFrom("_a", "A", "a".repeat(33)), text(32)) },
);
const named = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc.array(fc.record({ name, values: fc.array(text(32), { maxLength: 2 }) }), { maxLength: 2 }),
  },
  { weight: 1, arbitrary: many(fc.record({ name, values: many(fc.constantFrom("f", "m"), 32) }), 16) },
);
const match = fc.record(
  {
    ...{ preferences: wish, offer: description, leaveMatchId: text(64), rematch: fc.boolean() },
    ...{ attributes: named, filters: named },
  },
  { requiredKeys: [] },
);

/** Draws requests. Counts those that pass the precheck, and the valid ones among them and among the others. */
function tally<Desc extends DescMessage>(
  schema: Desc,
  requests: fc.Arbitrary<unknown>,
  isPlain: (request: MessageShape<Desc>) => boolean,
) {
  const seen = { plain: 0, plainButRefused: [] as unknown[], othersRefused: 0 };
  const look = (init: unknown) => {
    const request = create(schema, init as MessageInitShape<Desc>);
    const isValid = validator.validate(schema, request).kind === "valid";
    if (!isPlain(request)) seen.othersRefused += isValid ? 0 : 1;
    else if (isValid) seen.plain++;
    else seen.plainButRefused.push(init);
  };
  fc.assert(fc.property(requests, look), { numRuns: 1_500 });
  return seen;
}

describe("a request that passes the precheck is valid by the rules of its .proto", () => {
  it.each([
    ["Send", () => tally(SendRequestSchema, send, sendPrecheck.isSurelyValid)],
    ["Match", () => tally(MatchRequestSchema, match, matchPrecheck.isSurelyValid)],
  ])("%s", (_method, draw) => {
    const { plain, plainButRefused, othersRefused } = draw();
    expect(plainButRefused.slice(0, 3)).toEqual([]);
    expect(Math.min(plain, othersRefused)).toBeGreaterThan(20);
  });
});

it("accepts what browsers send", () => {
  const sdp = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n";
  const offer = { type: 1, sdp, connectionId: "c-1_x" };
  const found = { candidate: "candidate:1 1 udp 1 192.0.2.1 9 typ host", sdpMid: "0", sdpMlineIndex: 0 };
  const signals = [
    { kind: { case: "description" as const, value: offer } },
    { kind: { case: "candidate" as const, value: found } },
    { kind: { case: "candidatesDone" as const, value: {} } },
  ];
  expect(sendPrecheck.isSurelyValid(create(SendRequestSchema, { matchId: "m", clientSequence: 1, signals }))).toBe(
    true,
  );
  const preferences = { interests: ["music"], languages: ["en", "de"] };
  expect(matchPrecheck.isSurelyValid(create(MatchRequestSchema, { preferences, offer, rematch: true }))).toBe(true);
});
