import {
  create,
  type DescField,
  type DescMessage,
  type MessageInitShape,
  toBinary,
  toJsonString,
} from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { MatchRequestSchema } from "../../../gen/satoshigle/v1/matching_pb.js";
import { Description_Type } from "../../../gen/satoshigle/v1/signal_pb.js";
import { SendRequestSchema } from "../../../gen/satoshigle/v1/signaling_pb.js";
import { sdp } from "../../support/sdp.js";

/** The size limit of a request, in bytes. */
const MOST = 32 * 1024 - 8;

/** A refused body, and what makes it expensive. */
export interface WorstBody {
  what: string;
  isBinary: boolean;
  bytes: Buffer;
}

const filled = (piece: Uint8Array): Buffer =>
  Buffer.concat(Array<Uint8Array>(Math.floor(MOST / piece.length)).fill(piece));
const inField = (number: number, inner: Uint8Array): Buffer =>
  Buffer.from(new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(inner).finish());
const binary = (what: string, bytes: Uint8Array): WorstBody => ({ what, isBinary: true, bytes: Buffer.from(bytes) });
const json = (what: string, text: string): WorstBody => ({ what, isBinary: false, bytes: Buffer.from(text) });

/** Bodies that are each expensive for some parser, for a request of any type. */
export function worstBodies(desc: DescMessage): WorstBody[] {
  return [
    binary("unknown fields", filled(Uint8Array.of(0x98, 0x06, 0))),
    binary("98 nested groups", Buffer.concat([Buffer.alloc(98, 0x4b), Buffer.alloc(98, 0x4c)])),
    binary("groups side by side", filled(Uint8Array.of(0x4b, 0x4c))),
    binary("numbers that do not end", Buffer.alloc(MOST, 0xff)),
    binary("one unknown field", inField(99, Buffer.alloc(MOST, "x"))),
    ...desc.fields.flatMap(ofField),
    json("JSON nested", "[".repeat(MOST)),
    json("JSON of many names", `{${Array.from({ length: 3_500 }, (_, index) => `"${String(index)}":0`).join(",")}}`),
    json(
      "JSON with the maximum number of values",
      `{${Array.from({ length: 740 }, (_, index) => `"${String(index)}":{}`).join(",")}`,
    ),
    json("JSON of quotes", '""'.repeat(MOST / 2)),
    json("JSON of escapes", `{"x":"${"\\u00e9".repeat(MOST / 6 - 4)}"`),
    json("JSON that breaks off", `{"x":"${"x".repeat(MOST - 10)}`),
    ...desc.fields.flatMap(({ jsonName }) => [
      json(`JSON ${jsonName}: digits`, `{"${jsonName}":"${"9".repeat(MOST - 40)}"}`),
      json(`JSON ${jsonName}: a long number`, `{"${jsonName}":${"9".repeat(MOST - 40)}}`),
      json(`JSON ${jsonName}: items`, `{"${jsonName}":[${Array(700).fill("{}").join(",")}]}`),
      json(`JSON ${jsonName}: texts`, `{"${jsonName}":[${Array(700).fill('"x"').join(",")}]}`),
    ]),
    ...(desc === SendRequestSchema ? ofSend() : []),
    ...(desc === MatchRequestSchema ? ofMatch() : []),
  ];
}

function ofField(field: DescField): WorstBody[] {
  const { number, name } = field;
  return [
    binary(`${name}: empty ones`, filled(inField(number, new Uint8Array()))),
    binary(`${name}: one long text`, inField(number, Buffer.alloc(MOST, "a"))),
    binary(`${name}: long text, broken at its end`, inField(number, Buffer.from(`${"a".repeat(MOST - 1)}\u0001`))),
    binary(`${name}: no UTF-8`, inField(number, Buffer.alloc(MOST, 0xff))),
    binary(`${name}: no UTF-8, short`, filled(inField(number, Buffer.alloc(60, 0xff)))),
    ...(field.message === undefined || field.fieldKind === "map"
      ? []
      : field.message.fields.map((inner) =>
          binary(`${name}.${inner.name}: empty ones`, inField(number, filled(inField(inner.number, new Uint8Array())))),
        )),
  ];
}

type Signals = NonNullable<MessageInitShape<typeof SendRequestSchema>["signals"]>;

function ofSend(): WorstBody[] {
  const candidates = (candidate: string): Signals =>
    Array.from({ length: 64 }, () => ({ kind: { case: "candidate" as const, value: { candidate, sdpMid: "0" } } }));
  const bad: Signals[number] = { kind: { case: "candidate", value: { candidate: "\u0001" } } };
  const describing = (text: string): Signals => [
    { kind: { case: "description", value: { type: Description_Type.OFFER, sdp: text } } },
  ];
  const all: [string, Signals][] = [
    ["64 candidates for no match", candidates("x".repeat(480))],
    ["64 small candidates for no match", candidates("x")],
    ["64 candidates, the last one invalid", [...candidates("x".repeat(480)).slice(1), bad]],
    ["64 non-ASCII candidates", candidates("é".repeat(240))],
    ["64 non-ASCII candidates, the last one invalid", [...candidates("é".repeat(240)).slice(1), bad]],
    ["64 signals without a kind", Array.from({ length: 64 }, () => ({}))],
    ...sdps().map(([what, text]): [string, Signals] => [what, describing(text)]),
  ];
  return all.flatMap(([what, signals]) => {
    const message = create(SendRequestSchema, { matchId: "m", clientSequence: 1, signals });
    return [
      binary(what, toBinary(SendRequestSchema, message)),
      json(`JSON ${what}`, toJsonString(SendRequestSchema, message)),
    ];
  });
}

function ofMatch(): WorstBody[] {
  const interests = ["a".repeat(20_000) + "\u0001"];
  const many = Array.from({ length: 10 }, (_, index) => "é".repeat(31) + String(index));
  const messages: [string, MessageInitShape<typeof MatchRequestSchema>][] = [
    ["an interest that could cause backtracking", { preferences: { interests } }],
    [
      "ten non-ASCII interests and an answer",
      { preferences: { interests: many }, offer: { type: Description_Type.ANSWER, sdp: sdp() } },
    ],
    ...sdps().map(([what, text]): [string, MessageInitShape<typeof MatchRequestSchema>] => [
      what,
      { offer: { type: Description_Type.OFFER, sdp: text } },
    ]),
  ];
  return messages.flatMap(([what, init]) => {
    const message = create(MatchRequestSchema, init);
    return [
      binary(what, toBinary(MatchRequestSchema, message)),
      json(`JSON ${what}`, toJsonString(MatchRequestSchema, message)),
    ];
  });
}

/** Descriptions of the maximum size that are expensive for the SDP parser or the checks before it. */
function sdps(): [what: string, text: string][] {
  const fill = (head: string, line: string, tail = "") =>
    head + line.repeat(Math.floor((16_384 - head.length - tail.length) / line.length)) + tail;
  const head = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
  return [
    ["an SDP of media sections", fill(head, "m=audio 9 RTP/AVP 0\r\n", "!")],
    ["an SDP of small media sections", fill("v=0\r\no=x\r\ns=-\r\n", "m=\r\n")],
    ["an SDP of times", fill("v=0\r\n", "t=0 0\r\n")],
    ["an SDP of origins", fill("v=0\r\n", "o=- 1 2 IN IP4 1\r\n")],
    ["an SDP of names", fill("v=0\r\n", "s=\r\n")],
    ["an SDP of attributes", fill("v=0\r\n", "a=rtpmap:0 x/1\r\n")],
    ["an SDP of one long media line", fill(`${head}m=audio 9 RTP/AVP`, " 1")],
    ["an SDP with a long origin", fill("v=0\r\no=", "- ", "\r\ns=-\r\nt=0 0\r\n")],
    ["an SDP of blanks", fill("v=0\r\nm=", " ")],
    ["non-ASCII SDP", fill(head, "a=é\r\n")],
  ];
}
