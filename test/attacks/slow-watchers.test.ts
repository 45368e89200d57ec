import { fromBinary, create, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { once } from "node:events";
import http2 from "node:http2";
import net from "node:net";
import { expect, it, onTestFinished } from "vitest";
import {
  EventService,
  EventType,
  WatchEventsRequestSchema,
  type WatchEventsResponse,
  WatchEventsResponseSchema,
} from "../../gen/satoshigle/internal/v1/event_log_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { envelope } from "../rpc/support/variants.js";
import { soon } from "../support/soon.js";
import { MIB, report, Target } from "./support/target.js";

/** Enough to fill the buffers of the system between the server and a client. */
const EVENTS = 3_000;
const WATCHERS_H1 = 16;
const WATCHERS_H2 = 16;
/** What one watcher may hold: a batch of events, and what waits to be written. */
const MOST_PER_WATCHER = 0.75 * MIB;

/** A ban with a long reason becomes a long event. */
async function ban(target: Target, index: number): Promise<void> {
  const transport = createGrpcTransport({ baseUrl: target.internalUrl });
  const moderation = createClient(ModerationService, transport);
  let next = index;
  const lane = async () => {
    while (next > 0) {
      const reason = `${String(next--)} ${"€".repeat(490)}`;
      await moderation.ban({ addressKey: "A".repeat(22), reason });
    }
  };
  await Promise.all(Array.from({ length: 32 }, lane));
}

/** Follows the log from a cursor, until that many bans were read. Returns their reasons. */
async function read(target: Target, cursor: string, count: number): Promise<string[]> {
  const client = createClient(EventService, createGrpcTransport({ baseUrl: target.internalUrl }));
  const reasons: string[] = [];
  const stream = new AbortController();
  try {
    if (count === 0) return reasons;
    for await (const response of client.watchEvents({ cursor, types: [EventType.BANNED] }, stream)) {
      reasons.push(...reasonsIn([response]));
      if (reasons.length >= count) break;
    }
  } finally {
    stream.abort();
  }
  return reasons;
}

function reasonsIn(responses: readonly WatchEventsResponse[]): string[] {
  return responses.flatMap(({ event }) => (event?.event.case === "banned" ? event.event.value.reason : []));
}

/** A watcher that does not read, until it is asked for what has come. */
interface Deaf {
  /** Reads what is left, until the end. Returns the whole messages. */
  drain: () => Promise<WatchEventsResponse[]>;
  close: () => void;
}

const PATH = "/satoshigle.internal.v1.EventService/WatchEvents";
const question = envelope(0, Buffer.from(toBinary(WatchEventsRequestSchema, create(WatchEventsRequestSchema))));

async function deafH1(target: Target): Promise<Deaf> {
  const socket = net.connect(target.internalPort, "127.0.0.1").on("error", () => undefined);
  const head = [`POST ${PATH} HTTP/1.0`, "host: 127.0.0.1", "content-type: application/connect+proto"];
  socket.write(`${head.join("\r\n")}\r\ncontent-length: ${String(question.length)}\r\n\r\n`);
  socket.write(question);
  await once(socket, "readable");
  const drain = async () => {
    const pieces: Buffer[] = [];
    socket.on("data", (piece: Buffer) => pieces.push(piece));
    if (!socket.closed) await once(socket, "close");
    const bytes = Buffer.concat(pieces);
    return messagesIn(bytes.subarray(bytes.indexOf("\r\n\r\n") + 4));
  };
  return { drain, close: () => socket.destroy() };
}

/** The messages in the envelopes of an answer that breaks off. */
function messagesIn(bytes: Buffer): WatchEventsResponse[] {
  const messages: WatchEventsResponse[] = [];
  for (let at = 0; at + 5 <= bytes.length;) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    if (end > bytes.length || bytes[at] !== 0) break;
    messages.push(fromBinary(WatchEventsResponseSchema, bytes.subarray(at + 5, end)));
    at = end;
  }
  return messages;
}

async function deafH2(session: http2.ClientHttp2Session, codes: number[]): Promise<Deaf> {
  const stream = session.request({ ":method": "POST", ":path": PATH, "content-type": "application/grpc+proto" });
  stream.on("error", () => undefined).once("close", () => codes.push(stream.rstCode));
  stream.end(question);
  await once(stream, "readable");
  const drain = async () => {
    const pieces: Buffer[] = [];
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    if (!stream.closed) await once(stream, "close");
    return messagesIn(Buffer.concat(pieces));
  };
  return { drain, close: () => stream.destroy() };
}

it("watchers of events that do not read cost little and delay no other; they are disconnected, and continue at their cursor", async () => {
  const target = await Target.start();
  onTestFinished(() => target.close());
  await ban(target, EVENTS);
  expect(await read(target, "", EVENTS)).toHaveLength(EVENTS);
  const before = await target.figures();
  const idle = before.resources.filter((one) => one === "TCPSocketWrap").length;

  const sessions = Array.from({ length: 2 }, () => http2.connect(target.internalUrl).on("error", () => undefined));
  const codes: number[] = [];
  const slow = await Promise.all([
    ...Array.from({ length: WATCHERS_H1 }, () => deafH1(target)),
    ...sessions.flatMap((session) => Array.from({ length: WATCHERS_H2 / 2 }, () => deafH2(session, codes))),
  ]);
  const newest = read(target, "", EVENTS + 1);
  await ban(target, 1);
  const [all, during] = [await newest, await target.figures()];
  expect(new Set(all).size).toBe(EVENTS);
  const growth = (during.heapUsed + during.external - before.heapUsed - before.external) / slow.length;
  report("watchers that do not read", { "bytes more, of each": growth, "bytes of the log": all.join("").length });
  expect(growth).toBeLessThan(MOST_PER_WATCHER);

  await soon(async () => {
    const { resources } = await target.figures();
    expect(resources.filter((one) => one === "TCPSocketWrap").length).toBeLessThan(idle + WATCHERS_H1);
  });
  for (const { drain } of [slow[0], slow.at(-1)] as Deaf[]) {
    const got = await drain();
    const reasons = reasonsIn(got);
    const rest = await read(target, got.at(-1)?.cursor ?? "", EVENTS + 1 - reasons.length);
    expect([...reasons, ...rest]).toEqual(all);
  }
  for (const { close } of slow) close();
  expect(codes).toEqual(Array(WATCHERS_H2).fill(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM));
  sessions.forEach((session) => session.destroy());
  expect((await target.figures()).troubles).toEqual([]);
});
