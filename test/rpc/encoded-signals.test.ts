import { create, equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Description_Type, SignalSchema } from "../../gen/satoshigle/v1/signal_pb.js";
import { type SendRequest, SendRequestSchema, SignalResponseSchema } from "../../gen/satoshigle/v1/signaling_pb.js";
import type { MatchId } from "../../src/core/ids.js";
import { DomainError } from "../../src/core/errors.js";
import { decode } from "../../src/rpc/codec/decode.js";
import { encodeBatch } from "../../src/rpc/codec/encode.js";
import type { RenderContext } from "../../src/rpc/codec/render.js";
import { decodeSignals, encodeSignals } from "../../src/rpc/codec/encoded-signals.js";
import { candidate } from "../support/pair.js";

const request = create(SendRequestSchema, {
  matchId: "m",
  clientSequence: 300,
  signals: [candidate(1), candidate(2), { kind: { case: "candidatesDone", value: {} } }],
});
const bytes = Buffer.from(toBinary(SendRequestSchema, request));

/** The signals that the partner decodes from the event that carries the signals of these bytes. */
function delivered(raw: Uint8Array): { sent: SendRequest; received: SendRequest; onWire: Buffer } {
  const { message, bytes: plain } = decode(SendRequestSchema, true, Buffer.from(raw));
  const sent = message as SendRequest;
  const signals = encodeSignals(sent, plain);
  const event = { type: "signaled", matchId: "m" as MatchId, signals, relayOnly: false } as const;
  const onWire = encodeBatch([{ sequence: 1, event }] as never, {} as RenderContext).subarray(5);
  const { event: delivery } = fromBinary(SignalResponseSchema, onWire);
  if (delivery.case !== "signalReceived") throw new Error("no signals were delivered");
  const received = create(SendRequestSchema, { ...sent, signals: delivery.value.signals });
  return { sent, received, onWire };
}

function expectDelivered(raw: Uint8Array): void {
  const { sent, received, onWire } = delivered(raw);
  expect(equals(SendRequestSchema, received, sent)).toBe(true);
  expect(
    JSON.stringify(received, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
  ).not.toContain("$unknown");
  const again = create(SendRequestSchema, { signals: received.signals });
  expect(onWire.length).toBeLessThanOrEqual(toBinary(SendRequestSchema, again).length + 40);
}

it("decodes to the signals that were encoded, from binary and from messages", () => {
  expectDelivered(bytes);
  expect(decodeSignals(encodeSignals(request))).toEqual(request.signals);
});

it("keeps the bytes that our own client sends", () => {
  const { bytes: plain } = decode(SendRequestSchema, true, bytes);
  expect(plain).toBe(bytes);
  expect(bytes.includes(Buffer.from(encodeSignals(request, plain), "base64"))).toBe(true);
});

describe("delivers nothing beyond the decoded content", () => {
  const description = (sdp: string) => ({ type: Description_Type.OFFER, sdp });
  const signal = (...parts: Uint8Array[]) =>
    new BinaryWriter().raw(bytes).tag(3, WireType.LengthDelimited).bytes(Buffer.concat(parts)).finish();
  const encoded = (sdp: string) =>
    toBinary(SignalSchema, create(SignalSchema, { kind: { case: "description", value: description(sdp) } }));
  const done = toBinary(SignalSchema, create(SignalSchema, { kind: { case: "candidatesDone", value: {} } }));

  it.each([
    ["a oneof member that a later one replaces", signal(encoded("SECRET"), done)],
    ["a repeated field", signal(encoded("SECRET"), encoded("v=0"))],
    [
      "an unknown field of a signal",
      signal(done, new BinaryWriter().tag(99, WireType.LengthDelimited).string("SECRET").finish()),
    ],
    [
      "an unknown field of the request",
      new BinaryWriter().raw(bytes).tag(99, WireType.LengthDelimited).string("SECRET").finish(),
    ],
  ])("%s", (_what, raw) => {
    expectDelivered(raw);
    expect(delivered(raw).onWire.includes("SECRET")).toBe(false);
  });

  it("numbers in more bytes than needed", () => {
    expectDelivered(Buffer.concat([bytes, Buffer.from([0x1a, 0x04, 0x1a, 0x80, 0x80, 0x00])])); // zero as three bytes
  });
});

describe("refuses bytes that parsers interpret differently", () => {
  const groups = (depth: number) =>
    Buffer.concat([
      Buffer.alloc(depth, (9 << 3) | WireType.StartGroup),
      Buffer.alloc(depth, (9 << 3) | WireType.EndGroup),
    ]);
  const inSignal = (inner: Uint8Array) => new BinaryWriter().tag(3, WireType.LengthDelimited).bytes(inner).finish();

  it.each([
    ["98 groups, which the receiver's parser rejects", inSignal(groups(98))],
    ["a single group", inSignal(groups(1))],
    [
      "a field of the wrong type",
      new BinaryWriter()
        .tag(3, WireType.Varint)
        .uint32(2)
        .raw(Buffer.from([0x1a, 0]))
        .finish(),
    ],
    [
      "a message longer than the one that contains it",
      Buffer.from([0x1a, 0x02, 0x1a, 0x05, 0x1a, 0x00, 0x1a, 0x00, 0x1a]),
    ],
    ["a length of more than 32 bits", Buffer.from([0x1a, 0x80, 0x80, 0x80, 0x80, 0x10])],
    ["field 0", Buffer.from([0x02, 0x00])],
    ["a number that never ends", Buffer.from([0x10, ...Array<number>(11).fill(0x80), 0])],
  ])("%s", (_what, raw) => {
    expect(() => delivered(Buffer.concat([bytes, raw]))).toThrow(DomainError);
  });
});

/** An arbitrary field: a known or unknown number, the right or a wrong type, a right or a wrong length. */
function anyField(content: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const number = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 4 }) },
    fc.constantFrom(0, 5, 99, 536870911),
  );
  const varint = fc.oneof(
    fc.integer({ min: 0, max: 300 }).map((value) => new BinaryWriter().uint32(value).finish()),
    fc.uint8Array({ maxLength: 11 }),
    fc.nat(9).map((zeros) => Uint8Array.of(...Array<number>(zeros).fill(0x80), 0)),
  );
  const lied = fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: -2, max: 9 }));
  const inLength = fc.tuple(content, lied).map(([inner, more]) => {
    const length = Math.max(0, inner.length + more);
    return new BinaryWriter().uint32(length).raw(inner).finish();
  });
  const values: [WireType, fc.Arbitrary<Uint8Array>][] = [
    [WireType.LengthDelimited, inLength],
    [WireType.Varint, varint],
    [WireType.Bit64, fc.uint8Array({ minLength: 8, maxLength: 8 })],
    [WireType.Bit32, fc.uint8Array({ minLength: 4, maxLength: 4 })],
    [WireType.StartGroup, content],
    [WireType.EndGroup, fc.constant(new Uint8Array())],
  ];
  const weights = [12, 5, 1, 1, 1, 1];
  const value = fc.oneof(
    ...values.map(([type, arbitrary], index) => ({
      weight: weights[index] ?? 1,
      arbitrary: arbitrary.map((one) => ({ type, one })),
    })),
  );
  return fc.tuple(number, value).map(([no, { type, one }]) => {
    const tag = new BinaryWriter().uint32(((no << 3) | type) >>> 0).finish();
    return Buffer.concat([tag, one]);
  });
}

const text = fc.oneof(
  fc.string({ maxLength: 9 }).map((one) => Buffer.from(one)),
  fc.uint8Array({ maxLength: 4 }),
);
const joined = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);
const leaf = fc.array(anyField(text), { maxLength: 4 }).map(joined);
const branch = fc.array(anyField(fc.oneof(leaf, text)), { maxLength: 3 }).map(joined);
const anyBytes = fc.array(anyField(fc.oneof(branch, leaf, text)), { maxLength: 5 }).map(joined);

describe("delivers exactly the decoded content, or refuses the request", () => {
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
  const changed = fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
    const copy = Uint8Array.from(bytes);
    for (const [at, value] of changes) copy[at] = value;
    return copy;
  });

  it.each([
    ["valid bytes with a few changed", changed, 100],
    ["arbitrary fields", anyBytes, 300],
  ])("%s", (_what, arbitrary, atLeast) => {
    const seen = { delivered: 0, refused: 0 };
    fc.assert(
      fc.property(arbitrary, (raw) => {
        try {
          decode(SendRequestSchema, true, Buffer.from(raw));
        } catch (error) {
          expect(error).toBeInstanceOf(DomainError);
          seen.refused++;
          return;
        }
        seen.delivered++;
        expectDelivered(raw);
      }),
      { numRuns: 5_000 },
    );
    expect(Math.min(seen.delivered, seen.refused)).toBeGreaterThan(atLeast);
  });
});
