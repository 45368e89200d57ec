import { create, type DescMessage, type MessageInitShape, toBinary, toJsonString } from "@bufbuild/protobuf";
import type { Dice } from "./dice.js";
import { messages } from "./messages.js";
import type { RawCall } from "./raw-call.js";
import { allowedOrigin, type ServerFixture } from "./server-fixture.js";

type Headers = RawCall["headers"];

/** A call to one server. Two servers receive the same call with different IDs. */
export type Variant = (fixture: ServerFixture) => RawCall;

type Shape = "json" | "proto" | "connect+proto" | "connect+json" | "grpc-web+proto";
/** Independent of the fixture: in corrupted bytes, different IDs could be parsed differently. */
const sameIds = { matchId: "AAAAAAAAAAAAAAAAAAAAAA.0", epoch: "AAAAAAAAAAAAAAAAAAAAAA" };

const shapes: Shape[] = ["json", "proto", "connect+proto", "connect+json", "grpc-web+proto"];

/** Draws a call, independently of the fixture to which it will be sent. */
export function drawVariant(dice: Dice): Variant {
  const [path, message] = dice.pick(messages);
  const isStream = path.endsWith("Signal");
  const common: Shape[] = isStream ? ["connect+proto"] : ["json", "proto"];
  const shape = dice.hits(10) ? dice.pick(shapes) : dice.pick(common);
  const isSpoilt = dice.hits(3);
  const delivery = drawDelivery(dice);
  const headers = drawHeaders(dice, shape, isStream);
  const httpMethod = dice.hits(30) ? dice.pick(["GET", "PUT", "OPTIONS", "HEAD", "DELETE", "PATCH"]) : "POST";
  const suffix = dice.hits(30) ? dice.pick(["?", "?a=b", "/", "%20", "#x", "?connect=v1&encoding=json"]) : "";
  const seed = dice.roll(2 ** 31);
  return (fixture) => {
    const [desc, init] = message(dice.again(seed), isSpoilt ? sameIds : fixture);
    const good = httpMethod === "GET" || httpMethod === "HEAD" ? Buffer.alloc(0) : encode(desc, init, shape);
    const body = isSpoilt ? drawSpoiling(dice.again(seed))(good) : good;
    const { pieces, end, length } = delivery(body, httpMethod === "POST" && suffix === "");
    const lengthHeader: Headers = length === undefined ? [] : [["content-length", String(length)]];
    return { httpMethod, path: path + suffix, headers: [...headers(fixture), ...lengthHeader], pieces, end };
  };
}

export function encode(desc: DescMessage, init: MessageInitShape<DescMessage>, shape: Shape): Buffer {
  const message = create(desc, init);
  const isJson = shape.endsWith("json");
  const bytes = Buffer.from(isJson ? toJsonString(desc, message, { enumAsInteger: true }) : lenient(desc, message));
  return shape.includes("+") ? envelope(0, bytes) : bytes;
}

/** Binary, including strings that are not valid Unicode. */
function lenient(desc: DescMessage, message: ReturnType<typeof create>): Uint8Array {
  try {
    return toBinary(desc, message);
  } catch {
    return Buffer.from([0x0a, 3, 0xed, 0xa0, 0x80]); // a lone surrogate in field 1
  }
}

export function envelope(flags: number, bytes: Buffer, length = bytes.length): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, bytes]);
}

type Spoiling = (body: Buffer) => Buffer;

/** Bytes that differ from what was announced. */
function drawSpoiling(dice: Dice): Spoiling {
  const [at, byte, noise] = [dice.roll(1_000), dice.roll(256), dice.bytes(dice.roll(60))];
  const field = dice.pick([1, 2, 3, 4, 15, 100]) << 3;
  const deep = (count: number, open: string, close: string) => open.repeat(count) + close.repeat(count);
  const tag = (wireType: number, ...more: number[]) => Buffer.from([(field & 0x7f) | wireType, ...more]);
  return dice.pick<Spoiling>([
    (body) => body.subarray(0, at % (body.length + 1)),
    (body) => Buffer.from(body.map((old, index) => (index === at % body.length ? byte : old))),
    (body) => Buffer.concat([body, noise]),
    () => noise,
    () => Buffer.alloc(0),
    (body) => Buffer.concat([body, tag(dice.pick([0, 1, 2, 3, 4, 5, 6, 7]), 1, 2, 3, 4, 5, 6, 7, 8)]),
    (body) => Buffer.concat([body, Buffer.from([0xf8, 0x7f, 1])]), // an unknown field
    (body) => Buffer.concat([body, Buffer.from([0xfb, 0x7f, 0xfc, 0x7f])]), // an unknown group
    (body) => Buffer.concat([body, Buffer.alloc(300, 0x0b), Buffer.alloc(300, 0x0c)]), // groups within groups
    (body) => Buffer.concat([body, Buffer.from([0x0a, 2, 0xc3, 0x28])]), // invalid UTF-8
    (body) => Buffer.concat([body, Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])]), // longer than the message
    (body) => Buffer.concat([Buffer.from("\ufeff"), body]),
    (body) => Buffer.concat([body, body]),
    (body) => Buffer.concat([envelope(0, body), envelope(2, Buffer.from("{}"))]),
    (body) => envelope(dice.pick([1, 2, 3, 0x80]), body.subarray(5)),
    (body) => envelope(0, body.subarray(5), at * byte),
    () => Buffer.from(`{"x":${deep(dice.pick([10, 200, 5_000]), "[", "]")}}`),
    () => Buffer.from(`{"preferences":${deep(150, '{"preferences":', "}")}}`.replace("}}", "null}}")),
    () => Buffer.from('{"matchId":"x","unknown":{"a":[1]},"matchId":"y","__proto__":{"matchId":"z"}}'),
    () => Buffer.from(dice.pick(["null", "[]", '"x"', "1", "{", '{"matchId":1}', '{"match_id":"x"}', "{}{}", " {} "])),
    () => Buffer.from([0x7b, 0x22, 0x78, 0x22, 0x3a, 0x22, 0xc3, 0x28, 0x22, 0x7d]), // JSON with invalid UTF-8
    () => Buffer.alloc(dice.pick([32_763, 32_768, 32_769, 32_773, 32_774, 40_000, 100_000]), " "),
    () => Buffer.from("{}".padEnd(dice.pick([32_767, 32_768, 32_769, 32_773, 32_774]))),
    () => unknownField(dice.pick([32_767, 32_768, 32_769])),
    () => envelope(0, unknownField(dice.pick([32_763, 32_764, 32_768, 32_769]))),
  ]);
}

/** A message of this length with unknown fields only. */
function unknownField(length: number): Buffer {
  const content = length - 5;
  const head = [0xfa, 0x7f, (content & 0x7f) | 0x80, ((content >> 7) & 0x7f) | 0x80, content >> 14];
  return Buffer.concat([Buffer.from(head), Buffer.alloc(content)]);
}

type Delivery = (body: Buffer, isRpc: boolean) => { pieces: Buffer[]; end: RawCall["end"]; length?: number };

/** How a body arrives: at once, in chunks, announced or not, truncated, or larger than announced. */
function drawDelivery(dice: Dice): Delivery {
  const whole: Delivery = (body) => ({ pieces: [body], end: "proper", length: body.length });
  const count = 2 + dice.roll(4);
  const split = (body: Buffer, parts: number) => {
    const size = Math.max(1, Math.ceil(body.length / parts));
    return Array.from({ length: Math.ceil(body.length / size) }, (_, at) => body.subarray(at * size, (at + 1) * size));
  };
  if (!dice.hits(4)) return whole;
  return dice.pick<Delivery>([
    (body) => ({ pieces: [body], end: "proper" }),
    (body) => ({ pieces: split(body, count), end: "proper" }),
    (body) => ({ pieces: split(body, count), end: "proper", length: body.length }),
    (body) => ({ pieces: split(body, count), end: "cut", length: body.length + 1 }),
    (body) => ({ pieces: [...split(body, count), Buffer.alloc(0)], end: "cut" }),
    (body, isRpc) =>
      isRpc ? { pieces: [Buffer.alloc(33_000, " ")], end: "never", length: 100_000 } : whole(body, isRpc),
    (body, isRpc) => (isRpc ? { pieces: Array<Buffer>(300).fill(Buffer.from(" ")), end: "never" } : whole(body, isRpc)),
  ]);
}

function drawHeaders(dice: Dice, shape: Shape, isStream: boolean): (fixture: ServerFixture) => Headers {
  const exact = `application/${shape}`;
  const odd = [
    `${exact}; charset=utf-8`,
    `${exact};charset=UTF8`,
    exact.toUpperCase(),
    "text/plain",
    "",
    `${exact};a=b`,
  ];
  const type = dice.hits(8) ? dice.pick([...odd, "application/octet-stream"]) : exact;
  const role = isStream
    ? dice.pick(["idle", "nobody"] as const)
    : dice.pick(["offerer", "answerer", "nobody"] as const);
  const authorization = isStream && dice.hits(3) ? undefined : drawAuthorization(dice);
  const origin = dice.hits(3) ? drawOrigin(dice) : undefined;
  const more = Array.from({ length: dice.pick([0, 0, 0, 1, 1, 2]) }, () => dice.pick(oddHeaders));
  return (fixture) => [
    ...(type === "" ? [] : [["content-type", type] as [string, string]]),
    ...(authorization === undefined ? [] : authorization(fixture.token(role), fixture.token("answerer"))),
    ...(origin === undefined ? [] : origin(fixture.server.url).map((one): [string, string] => ["origin", one])),
    ...more.filter(([name, value]) => name !== "connect-timeout-ms" || !shortTimeout.test(value)),
  ];
}

/** Whether a stream sends Welcome before such a timeout, or a call takes effect, depends on timing. */
const shortTimeout = /^\s*\d{1,3}\s*$/;

const oddHeaders: [string, string][] = [
  ...["1", "2", "", "x"].map((value): [string, string] => ["connect-protocol-version", value]),
  ...["0", "1", "007", "10000", "10001", "99999", "-1", "abc", "1.5", "", "99999999999", " 5 "].map(
    (value): [string, string] => ["connect-timeout-ms", value],
  ),
  ...["identity", "gzip", "br", "", "identity, gzip"].flatMap((value): [string, string][] => [
    ["content-encoding", value],
    ["connect-content-encoding", value],
    ["accept-encoding", value],
    ["connect-accept-encoding", value],
  ]),
  ["expect", "100-continue"],
  ["x-forwarded-for", "10.1.2.3"],
  ["x-forwarded-host", "evil.example.com"],
  ["grpc-timeout", "1S"],
  ["te", "trailers"],
  ["user-agent", "connect-es/2"],
  ["access-control-request-method", "POST"],
  ["access-control-request-headers", "authorization"],
];

function drawAuthorization(dice: Dice): (token: string, other: string) => Headers {
  const one = (value: string): Headers => [["authorization", value]];
  if (!dice.hits(4)) return (token) => one(`Bearer ${token}`);
  return dice.pick<(token: string, other: string) => Headers>([
    () => [],
    (token) => one(`bearer ${token}`),
    (token) => one(`BEARER ${token}`),
    (token) => [["Authorization", `Bearer ${token}`]],
    (token) => one(`Bearer ${token}A`),
    (token) => one(`Bearer  ${token}`),
    (token) => one(token),
    (token) => one(`Basic ${token}`),
    (token) => one(`Bearer ${token}\u00e9`),
    () => one("Bearer"),
    () => one(""),
    (token, other) => one(`Bearer ${token}, Bearer ${other}`),
    (token, other) => one(`Bearer ${String(token.split(".")[0])}.${String(other.split(".")[1])}`),
  ]);
}

function drawOrigin(dice: Dice): (ownOrigin: string) => string[] {
  return dice.pick<(ownOrigin: string) => string[]>([
    () => [allowedOrigin],
    (own) => [own],
    () => ["https://evil.example.com"],
    () => ["null"],
    () => [""],
    () => [allowedOrigin, "https://evil.example.com"],
    () => [allowedOrigin, allowedOrigin],
    () => [allowedOrigin.toUpperCase()],
    () => [`${allowedOrigin}/`],
  ]);
}
