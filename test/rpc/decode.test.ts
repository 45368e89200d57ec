import type { DescMessage } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { ViolationsSchema } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import type { ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { WatchEventsRequestSchema } from "../../gen/satoshigle/internal/v1/event_log_pb.js";
import { MatchRequestSchema, ReportRequestSchema } from "../../gen/satoshigle/v1/matching_pb.js";
import { SendRequestSchema } from "../../gen/satoshigle/v1/signaling_pb.js";
import { OfferTipRequestSchema } from "../../gen/satoshigle/v1/tipping_pb.js";
import type { DomainError } from "../../src/core/errors.js";
import { decode } from "../../src/rpc/codec/decode.js";
import { validate } from "../../src/rpc/interceptors/validate.js";

const text = (number: number, value: string) =>
  new BinaryWriter().tag(number, WireType.LengthDelimited).string(value).finish();
const inField = (number: number, inner: Uint8Array) =>
  new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(inner).finish();
const times = (count: number, bytes: Uint8Array) => Buffer.concat(Array<Uint8Array>(count).fill(bytes));

/** The error with which a request is not decoded. */
function refusal(desc: DescMessage, bytes: Uint8Array | string): { message: string; field: string | undefined } {
  try {
    decode(desc, typeof bytes !== "string", Buffer.from(bytes as Uint8Array));
  } catch (error) {
    const { reason, message, context } = error as DomainError;
    expect(reason).toBe("field_invalid");
    return { message, field: context.field };
  }
  throw new Error("it was decoded");
}

/** That many types of events in one field. */
const packed = (count: number) => Uint8Array.of(0x12, count, ...Array<number>(count).fill(1));

describe("bytes are refused before they are decoded", () => {
  it.each<[what: string, DescMessage, Uint8Array, message: string, field?: string]>([
    ["too many fields", MatchRequestSchema, times(1_025, text(4, "m")), "the request: has too many fields"],
    [
      "too many unknown fields",
      MatchRequestSchema,
      times(33, text(99, "")),
      "the request: has too many unknown fields",
    ],
    [
      "too many items",
      MatchRequestSchema,
      inField(1, times(11, text(1, "go"))),
      "preferences.interests: has more than 10 items",
      "preferences.interests",
    ],
    [
      "text with too many bytes, in an item",
      MatchRequestSchema,
      inField(1, Buffer.concat([text(1, "go"), text(1, "x".repeat(129))])),
      "preferences.interests[1]: is longer than 128 bytes",
      "preferences.interests[1]",
    ],
    [
      "a wrong wire type",
      ReportRequestSchema,
      Uint8Array.of((3 << 3) | WireType.Bit32, 0, 0, 0, 0),
      "comment: has the wrong wire type",
      "comment",
    ],
    [
      "a message longer than the one that contains it",
      SendRequestSchema,
      Uint8Array.of(0x1a, 2, 0x1a, 4, 0x1a, 0, 0x1a, 0),
      "signals[0].candidates_done: is truncated",
      "signals[0].candidates_done",
    ],
    [
      "a truncated fixed-size number",
      MatchRequestSchema,
      Uint8Array.of(0x99, 0x06, 0, 0, 0),
      "the request: is truncated",
    ],
    ["an unknown field past the end", MatchRequestSchema, Uint8Array.of(0x9a, 0x06, 9, 0), "the request: is truncated"],
    ["a truncated number", SendRequestSchema, Uint8Array.of(0x10, 0x80), "the request: is truncated"],
    [
      "a number that does not end",
      SendRequestSchema,
      Uint8Array.of(0x10, ...Array<number>(10).fill(0x80), 0),
      "the request: is malformed",
    ],
    ["too many packed numbers", WatchEventsRequestSchema, packed(33), "types: has more than 32 items", "types"],
    [
      "too many numbers, packed and not",
      WatchEventsRequestSchema,
      Buffer.concat([packed(20), packed(12), Uint8Array.of(0x10, 1)]),
      "types: has more than 32 items",
      "types",
    ],
    [
      "packed numbers past the end",
      WatchEventsRequestSchema,
      Uint8Array.of(0x12, 2, 1),
      "types: is truncated",
      "types",
    ],
    [
      "a packed number that is cut",
      WatchEventsRequestSchema,
      Uint8Array.of(0x12, 1, 0x80),
      "the request: is truncated",
    ],
    ["field 0", SendRequestSchema, Uint8Array.of(0x02, 0), "the request: is malformed"],
    ["a truncated tag", SendRequestSchema, Uint8Array.of(0x80), "the request: is truncated"],
  ])("%s", (_what, desc, bytes, message, field) => {
    expect(refusal(desc, bytes)).toEqual({ message, field });
  });
});

it("numbers are accepted packed and not", () => {
  for (const bytes of [packed(32), Uint8Array.of(0x10, 1, 0x10, 2), Buffer.concat([packed(1), packed(1)])]) {
    expect(() => decode(WatchEventsRequestSchema, true, Buffer.from(bytes))).not.toThrow();
  }
});

describe("JSON is refused before it is decoded", () => {
  const long = `,"unknown":"${"x".repeat(1_024)}"}`;
  it.each<[what: string, DescMessage, string | Uint8Array, message: string, field?: string]>([
    ["a number with too many digits", OfferTipRequestSchema, `{"amountMsat":${"1".repeat(65)}}`, "too many digits"],
    ["nesting too deep", MatchRequestSchema, `{"unknown":${"[".repeat(16)}${"]".repeat(16)}}`, "nested too deeply"],
    ["too many values", MatchRequestSchema, `{"unknown":[0${",0".repeat(1_500)}]}`, "too many parts"],
    [
      "too many items",
      MatchRequestSchema,
      `{"preferences":{"interests":["go"${',"go"'.repeat(10)}]}${long}`,
      "preferences.interests: has more than 10 items",
      "preferences.interests",
    ],
    [
      "text with too many bytes",
      ReportRequestSchema,
      `{"comment":"${"é".repeat(2_001)}"}`,
      "comment: is longer than 4000 bytes",
      "comment",
    ],
    [
      "a number as a long string",
      OfferTipRequestSchema,
      `{"amount_msat":"${" ".repeat(129)}"${long}`,
      "amount_msat: is longer than 128 bytes",
      "amount_msat",
    ],
  ])("%s", (_what, desc, json, message, field) => {
    const refused = refusal(desc, String(json));
    expect(refused.message).toContain(message);
    expect(refused.field).toBe(field);
  });

  it("invalid UTF-8", () => {
    expect(() => decode(ReportRequestSchema, false, Buffer.from('{"comment":"\xff"}', "latin1"))).toThrow("not UTF-8");
  });
});

describe("bytes are relayed as received only if they are canonical", () => {
  /** A candidate of the first media section, whose index is encoded in these bytes. */
  const candidate = (...index: number[]) => inField(3, inField(2, Uint8Array.of(0x18, ...index)));
  const plain = (raw: Uint8Array) => decode(SendRequestSchema, true, Buffer.from(raw)).bytes !== undefined;

  it("as it does", () => {
    expect(plain(Buffer.concat([text(1, "m"), candidate(0), candidate(200, 1)]))).toBe(true);
  });

  it.each<[what: string, raw: Uint8Array]>([
    ["a tag in more bytes than needed", Uint8Array.of(0x9a, 0x00, 0)],
    ["a length in more bytes than needed", Uint8Array.of(0x1a, 0x80, 0x00)],
    ["a number in more bytes than needed", candidate(0x81, 0x00)],
    ["a number that the field truncates", candidate(0x81, 0x80, 0x80, 0x80, 0x10)],
    ["a repeated field", Buffer.concat([text(1, "a"), text(1, "b")])],
    ["an unknown field", text(99, "x")],
  ])("not with %s", (_what, raw) => {
    expect(plain(raw)).toBe(false);
  });
});

it("keeps no unknown fields", () => {
  const { message, bytes } = decode(ReportRequestSchema, true, Buffer.concat([text(1, "m"), text(99, "hidden")]));
  expect(message.$unknown).toBeUndefined();
  expect(bytes).toBeUndefined();
});

it("names only the first invalid field", () => {
  const request = decode(SendRequestSchema, true, times(64, inField(3, new Uint8Array()))).message;
  let refused: ConnectError | undefined;
  try {
    validate(SendRequestSchema, request as never);
  } catch (error) {
    refused = error as ConnectError;
  }
  expect(refused?.findDetails(ViolationsSchema).flatMap(({ violations }) => violations)).toHaveLength(1);
});
