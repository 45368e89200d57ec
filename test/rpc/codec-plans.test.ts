import { create, type DescField, type DescMessage, fromBinary, ScalarType, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MatchRequestSchema } from "../../gen/satoshigle/v1/matching_pb.js";
import { SendRequestSchema, SignalResponseSchema } from "../../gen/satoshigle/v1/signaling_pb.js";
import { binaryOptions } from "../../src/rpc/codec/binary-options.js";
import { decode } from "../../src/rpc/codec/decode.js";
import { decodeCanonical } from "../../src/rpc/codec/decode-plan.js";
import { encoderOf } from "../../src/rpc/codec/encode-plan.js";
import { scanWire } from "../../src/rpc/codec/scan-wire.js";

/** Texts of every length that the size of a length depends on, and beyond ASCII. */
const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 6 }),
  fc.constantFrom("", "é".repeat(70), "a".repeat(127), "a".repeat(128), "€".repeat(6_000), "\ufffd", "\ud800"),
);

/** Initializers of a message with any of its fields. */
function initsOf(desc: DescMessage): fc.Arbitrary<Record<string, unknown>> {
  const singular = desc.fields.filter(({ oneof }) => oneof === undefined);
  const fields = Object.fromEntries(singular.map((field) => [field.localName, fieldOf(field)]));
  const groups = desc.oneofs.map((group): [string, fc.Arbitrary<unknown>] => [
    group.localName,
    fc.oneof(...group.fields.map((one) => fc.record({ case: fc.constant(one.localName), value: valueOf(one) }))),
  ]);
  return fc.record({ ...fields, ...Object.fromEntries(groups) }, { requiredKeys: [] });
}

function fieldOf(field: DescField): fc.Arbitrary<unknown> {
  return field.fieldKind === "list" ? fc.array(valueOf(field), { maxLength: 3 }) : valueOf(field);
}

function valueOf({ message, enum: values, scalar }: DescField): fc.Arbitrary<unknown> {
  if (message !== undefined) return initsOf(message);
  if (values !== undefined) return fc.constantFrom(...values.values.map(({ number }) => number));
  switch (scalar) {
    case ScalarType.STRING:
      return texts;
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.UINT32:
      return fc.oneof(fc.nat(300), fc.constantFrom(0x7f, 0x80, 2 ** 28, 2 ** 32 - 1));
    case ScalarType.INT32:
      return fc.oneof(fc.nat(300), fc.constantFrom(-1, -(2 ** 31), 2 ** 31 - 1));
    case ScalarType.UINT64:
      return fc.oneof(fc.bigInt(0n, 300n), fc.constantFrom(2n ** 32n, 2n ** 64n - 1n));
    default:
      return fc.oneof(fc.bigInt(-2n, 300n), fc.constantFrom(2n ** 32n - 1n, 2n ** 63n - 1n, -(2n ** 63n)));
  }
}

it("every message of a stream is encoded as the library does", () => {
  const encode = encoderOf(SignalResponseSchema);
  fc.assert(
    fc.property(initsOf(SignalResponseSchema), fc.nat(8), (init, headBytes) => {
      const bytes = encode(init, headBytes).subarray(headBytes);
      expect(bytes.equals(toBinary(SignalResponseSchema, create(SignalResponseSchema, init)))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

it("a message larger than any before is encoded", () => {
  const encode = encoderOf(SignalResponseSchema);
  const init = { event: { case: "signalReceived", value: { matchId: "€".repeat(100_000) } } } as const;
  expect(encode(init).equals(toBinary(SignalResponseSchema, create(SignalResponseSchema, init)))).toBe(true);
});

describe.each([MatchRequestSchema, SendRequestSchema])("$typeName", (desc) => {
  it("is decoded as the library does", () => {
    let decoded = 0;
    fc.assert(
      fc.property(initsOf(desc), (init) => {
        const bytes = Buffer.from(toBinary(desc, create(desc, init)));
        if (!isCanonical(desc, bytes)) return;
        const known = decodeCanonical(desc, bytes);
        if (known === undefined) expect(bytes.includes("\ufffd"), "left to the library").toBe(true);
        else expect(known).toStrictEqual(fromBinary(desc, bytes, binaryOptions));
        decoded += Number(known !== undefined);
      }),
      { numRuns: 500 },
    );
    expect(decoded, "messages within their rules").toBeGreaterThan(10);
  });

  it("may be empty", () => {
    expect(decodeCanonical(desc, Buffer.alloc(0))).toStrictEqual(create(desc));
  });

  it("shares nothing with another of its kind", () => {
    const [one, other] = [decodeCanonical(desc, Buffer.alloc(0)), decodeCanonical(desc, Buffer.alloc(0))];
    for (const [name, value] of Object.entries(one ?? {})) {
      if (typeof value === "object") expect((other as unknown as Record<string, unknown>)[name]).not.toBe(value);
    }
  });
});

/** Whether the plans are used for it. */
function isCanonical(desc: DescMessage, bytes: Buffer): boolean {
  try {
    return scanWire(desc, bytes);
  } catch {
    return false; // longer than its rules allow
  }
}

it("text that is not UTF-8 is refused as before", () => {
  const bytes = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(Uint8Array.of(0xff)).finish();
  expect(decodeCanonical(SendRequestSchema, Buffer.from(bytes))).toBeUndefined();
  expect(() => decode(SendRequestSchema, true, Buffer.from(bytes))).toThrow(/UTF-8/i);
});
