import { create, equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Description_Type, SignalSchema } from "../../gen/satoshigle/v1/signal_pb.js";
import { type SendRequest, SendRequestSchema } from "../../gen/satoshigle/v1/signaling_pb.js";
import { openSignals, sealSignals } from "../../src/rpc/seal.js";
import { candidate } from "../support/pair.js";

const request = create(SendRequestSchema, {
  matchId: "m",
  clientSequence: 300,
  signals: [candidate(1), candidate(2), { kind: { case: "candidatesDone", value: {} } }],
});
const bytes = toBinary(SendRequestSchema, request);

function expectSealed(bytes: Uint8Array, validated: SendRequest): void {
  const opened = create(SendRequestSchema, { signals: openSignals(sealSignals(validated, bytes)) });
  const expected = create(SendRequestSchema, { signals: validated.signals });
  expect(equals(SendRequestSchema, opened, expected)).toBe(true);
}

it("opens to the signals that were sealed, from binary and from anything else", () => {
  expectSealed(bytes, request);
  expect(openSignals(sealSignals(request))).toEqual(request.signals);
});

it("keeps the bytes it was given", () => {
  const padded = Buffer.concat([bytes, Buffer.from([0x1a, 0x04, 0x1a, 0x80, 0x80, 0x00])]); // zero as three bytes
  const validated = fromBinary(SendRequestSchema, padded);
  expect(Buffer.from(sealSignals(validated, padded), "base64").subarray(-6)).toEqual(padded.subarray(-6));
});

it("seals what was validated when a field is of another type than the schema says", () => {
  // As the library reads it, the number is the length of a signal; by its tag, what follows is a match id.
  const description = { type: Description_Type.ROLLBACK };
  const inner = toBinary(SignalSchema, create(SignalSchema, { kind: { case: "description", value: description } }));
  const disguised = new BinaryWriter().tag(3, WireType.Varint).uint32(inner.length).raw(inner).finish();
  const both = Buffer.concat([bytes, disguised]);
  const validated = fromBinary(SendRequestSchema, both);
  expect(validated.signals).toHaveLength(4);
  expectSealed(both, validated);
});

it("seals what was validated, whatever the bytes are", () => {
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
  let parsed = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const changed = Uint8Array.from(bytes);
      for (const [at, value] of changes) changed[at] = value;
      let validated: SendRequest;
      try {
        validated = fromBinary(SendRequestSchema, changed);
      } catch {
        return;
      }
      parsed++;
      expectSealed(changed, validated);
    }),
    { numRuns: 3_000 },
  );
  expect(parsed).toBeGreaterThan(100);
});
