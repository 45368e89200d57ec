import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import http2 from "node:http2";
import { describe, expect, it, type TestContext, vi } from "vitest";
import { EventService, EventType, WatchEventsResponseSchema } from "../../gen/satoshigle/internal/v1/event_log_pb.js";
import { ModerationService, WatchReportsResponseSchema } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import {
  PaymentService,
  TipRecord_State,
  WatchTipsResponseSchema,
} from "../../gen/satoshigle/internal/v1/payment_pb.js";
import { roomy } from "../support/pair.js";
import { deafConnect, deafGrpc, type DeafWatcher, type WatchedStream } from "./support/deaf-watcher.js";
import { banOften, reportOften, tipOften } from "./support/fill-streams.js";
import { expected } from "./support/kind.js";
import { MIB, report, Target } from "./support/target.js";

const WATCHERS_H1 = 16;
const WATCHERS_H2 = 16;
/**
 * What one watcher may hold: a batch of items, and what waits to be written. Through Redis also its share of the buffers
 * that the client library keeps for a while after large replies.
 */
const MOST_PER_WATCHER = expected({ memory: 0.75, redis: 2, haproxy: 0.75 }) * MIB;

/** A stream with so much in it that no buffers of the system between the server and a client hold it. */
interface Watched<O extends DescMessage> extends WatchedStream<O> {
  count: number;
  fill: (target: Target, count: number) => Promise<void>;
  watch: (target: Target, cursor: string, signal: AbortSignal) => AsyncIterable<MessageShape<O>>;
  cursorOf: (response: MessageShape<O>) => string;
  /** What differs from one item to the next; undefined for a response without one. */
  itemOf: (response: MessageShape<O>) => string | undefined;
}

const reading = (target: Target) => createGrpcTransport({ baseUrl: target.internalUrl });

const events: Watched<typeof WatchEventsResponseSchema> = {
  path: "/satoshigle.internal.v1.EventService/WatchEvents",
  output: WatchEventsResponseSchema,
  count: 3_000,
  fill: banOften,
  watch: (target, cursor, signal) =>
    createClient(EventService, reading(target)).watchEvents({ cursor, types: [EventType.BANNED] }, { signal }),
  cursorOf: ({ cursor }) => cursor,
  itemOf: ({ event }) => (event?.event.case === "banned" ? event.event.value.reason : undefined),
};

const reports: Watched<typeof WatchReportsResponseSchema> = {
  path: "/satoshigle.internal.v1.ModerationService/WatchReports",
  output: WatchReportsResponseSchema,
  count: 1_600,
  fill: reportOften,
  watch: (target, cursor, signal) =>
    createClient(ModerationService, reading(target)).watchReports({ cursor }, { signal }),
  cursorOf: ({ cursor }) => cursor,
  itemOf: (response) => response.report?.comment,
};

const tips: Watched<typeof WatchTipsResponseSchema> = {
  path: "/satoshigle.internal.v1.PaymentService/WatchTips",
  output: WatchTipsResponseSchema,
  count: 2_400,
  fill: tipOften,
  watch: (target, cursor, signal) =>
    createClient(PaymentService, reading(target)).watchTips({ cursor, state: TipRecord_State.CANCELLED }, { signal }),
  cursorOf: ({ cursor }) => cursor,
  itemOf: ({ tip }) => tip && tip.comment + tip.invoice,
};

/**
 * Follows a stream from a cursor, until that many items were read. A busy machine can keep a reader from reading for so
 * long that it is disconnected; like every client, it then continues at its cursor.
 */
async function read<O extends DescMessage>(stream: Watched<O>, target: Target, cursor: string, count: number) {
  const items: string[] = [];
  let last = cursor;
  while (items.length < count) {
    const reader = new AbortController();
    try {
      for await (const response of stream.watch(target, last, reader.signal)) {
        items.push(...itemsIn(stream, [response]));
        last = stream.cursorOf(response) || last;
        if (items.length >= count) break;
      }
    } catch (error) {
      if (!wasTooSlow(error)) throw error;
    } finally {
      reader.abort();
    }
  }
  return items;
}

function wasTooSlow(error: unknown): boolean {
  return error instanceof ConnectError && error.message.includes("NGHTTP2_ENHANCE_YOUR_CALM");
}

function itemsIn<O extends DescMessage>({ itemOf }: Watched<O>, responses: readonly MessageShape<O>[]): string[] {
  return responses.map(itemOf).filter((item) => item !== undefined);
}

async function attack<O extends DescMessage>(
  name: string,
  stream: Watched<O>,
  { onTestFinished }: TestContext,
): Promise<void> {
  const { count } = stream;
  const target = await Target.start({ ...roomy, BAN_AFTER_REPORTS: "0", LIGHTNING_NETWORK: "regtest" });
  onTestFinished(() => target.close());
  await stream.fill(target, count);
  expect(await read(stream, target, "", count)).toHaveLength(count);
  const before = await target.figures();

  const sessions = Array.from({ length: 2 }, () => http2.connect(target.internalUrl).on("error", () => undefined));
  const codes: number[] = [];
  const slow: DeafWatcher<O>[] = await Promise.all([
    ...Array.from({ length: WATCHERS_H1 }, () => deafConnect(target, stream)),
    ...sessions.flatMap((session) => Array.from({ length: WATCHERS_H2 / 2 }, () => deafGrpc(session, stream, codes))),
  ]);
  const newest = read(stream, target, "", count + 1);
  await stream.fill(target, 1);
  const [all, during] = [await newest, await target.figures()];
  expect(new Set(all).size).toBe(count + 1);
  const growth = (during.heapUsed + during.external - before.heapUsed - before.external) / slow.length;
  report(`watchers of ${name} that do not read`, {
    "bytes more, of each": growth,
    "bytes in the stream": Buffer.byteLength(all.join("")),
  });
  expect(growth).toBeLessThan(MOST_PER_WATCHER);

  // One that reads before it is disconnected would follow the stream for ever.
  const areDisconnected = async () => {
    const ended = await Promise.all(slow.map(({ isDisconnected }) => isDisconnected()));
    expect(ended).toEqual(ended.map(() => true));
  };
  await vi.waitFor(areDisconnected, { timeout: 240_000, interval: 250 });
  for (const { drain } of [slow[0], slow.at(-1)] as DeafWatcher<O>[]) {
    const got = await drain();
    const last = got.at(-1);
    const items = itemsIn(stream, got);
    expect(items.length).toBeLessThan(count);
    const rest = await read(stream, target, last ? stream.cursorOf(last) : "", count + 1 - items.length);
    expect([...items, ...rest]).toEqual(all);
  }
  for (const { close } of slow) close();
  expect(codes).toEqual(Array(WATCHERS_H2).fill(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM));
  sessions.forEach((session) => session.destroy());
  expect((await target.figures()).troubles).toEqual([]);
}

describe("watchers that do not read cost little and delay no other; they are disconnected, and continue at their cursor", () => {
  it.concurrent("for events", (context) => attack("events", events, context));
  it.concurrent("for reports", (context) => attack("reports", reports, context));
  it.concurrent("for tips", (context) => attack("tips", tips, context));
});
