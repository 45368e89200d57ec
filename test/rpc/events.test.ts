import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EventService } from "../../gen/satoshigle/internal/v1/event_log_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { Description_Type } from "../../gen/satoshigle/v1/signal_pb.js";
import { GrpcClient, type Message } from "../support/grpc.js";
import { pair, roomy } from "../support/pair.js";
import { RedisServer } from "../support/redis.js";
import { transportTo } from "../support/test-client.js";
import { startServer, type TestServer } from "../support/server.js";
import { refusalOf } from "../support/refusal.js";
import { sdp } from "../support/sdp.js";
import { soon } from "../support/soon.js";
import { AMOUNT, invoiced } from "./support/tips.js";

interface Watched {
  cursor: string;
  event: (Message & { eventId: string; type: string }) | null;
}

const variables = { ...roomy, LIGHTNING_NETWORK: "regtest", MAX_DISCONNECTION_DURATION_MS: "1000" };

describe.each(["memory", "Redis"])("with sessions in %s", (kind) => {
  let redis: RedisServer | undefined;
  let server: TestServer;
  let events: GrpcClient;
  beforeAll(async () => {
    if (kind === "Redis") redis = await RedisServer.start();
    const shared: Record<string, string> =
      redis === undefined
        ? {}
        : { REDIS_ENABLED: "true", REDIS_URL: redis.url, SESSION_SECRET: "a secret of thirty-two characters or so" };
    server = await startServer({ ...variables, ...shared });
    events = new GrpcClient("satoshigle.internal.v1.EventService", server.internalUrl);
  });
  afterAll(async () => {
    events.close();
    await server.close();
    await redis?.close();
  });

  const newest = async () => (await events.call("listEvents", { pageSize: 1 })).nextCursor as string;
  const watched = async (count: number, request: object) =>
    (await events.take("watchEvents", request, count)) as unknown as Watched[];

  it("WatchEvents sends what happens after the cursor, each event once and in order", async () => {
    const cursor = await newest();
    const coming = watched(5, { cursor });
    const offer = { type: Description_Type.OFFER, sdp: sdp(), connectionId: "one" };
    const { offerer, answerer, matchId } = await pair(transportTo(server.url), { offer });
    await offerer.leave();
    await offerer.goodbye();
    const came = await coming;
    const [offererId, answererId] = [offerer.welcome.sessionId, answerer.welcome.sessionId];
    expect(came.map(({ event }) => event?.type)).toEqual([
      "EVENT_TYPE_SESSION_OPENED",
      "EVENT_TYPE_SESSION_OPENED",
      "EVENT_TYPE_MATCH_BEGAN",
      "EVENT_TYPE_MATCH_ENDED",
      "EVENT_TYPE_SESSION_CLOSED",
    ]);
    const sides = { offerer: { sessionId: offererId, personKey: "" }, answerer: { sessionId: answererId } };
    expect(came[2]?.event).toMatchObject({ eventId: `match_began_${matchId.replace(".", "~")}` });
    expect(came[2]?.event?.matchBegan).toMatchObject({ matchId, relayOnly: false, ...sides });
    expect(came[3]?.event?.matchEnded).toMatchObject({
      ...{ matchId, reason: "REASON_LEFT", initiatorSessionId: offererId, answered: false, ...sides },
    });
    expect(came[4]?.event?.sessionClosed).toMatchObject({
      reason: "REASON_EXPIRED",
      session: { sessionId: offererId },
    });
    expect(new Set(came.map(({ event }) => event?.eventId)).size).toBe(5);
    const resumed = await watched(2, { cursor: came[2]?.cursor });
    expect(resumed.map(({ event }) => event?.eventId)).toEqual(came.slice(3).map(({ event }) => event?.eventId));
  });

  it("WatchEvents sends the requested types only, and moves the cursor past the others", async () => {
    const cursor = await newest();
    const types = ["EVENT_TYPE_MATCH_ENDED"];
    const { offerer, matchId } = await pair(transportTo(server.url));
    const [passed] = await watched(1, { cursor, types });
    expect(passed?.event).toBeNull();
    await offerer.leave();
    for (const from of [cursor, passed?.cursor]) {
      let [last] = await watched(1, { cursor: from, types });
      while (last?.event === null) [last] = await watched(1, { cursor: last.cursor, types });
      expect(last?.event?.matchEnded).toMatchObject({ matchId });
    }
  });

  it("ListEvents returns pages, the newest first", async () => {
    const cursor = await newest();
    const { offerer, matchId } = await pair(transportTo(server.url));
    await offerer.leave();
    const made = (await watched(4, { cursor })).map(({ event }) => event?.eventId);
    const first = await events.call("listEvents", { pageSize: 2 });
    const second = await events.call("listEvents", { pageSize: 2, pageToken: first.nextPageToken });
    const listed = [...(first.events as Message[]), ...(second.events as Message[])].map(({ eventId }) => eventId);
    expect(listed).toEqual(made.reverse());
    expect(second.nextCursor).toBe("");
    const ended = await events.call("listEvents", { pageSize: 4, types: ["EVENT_TYPE_MATCH_ENDED"] });
    expect(ended.events).toMatchObject([{ matchEnded: { matchId } }]);
  });

  it("both have reports, bans, lifts, and received and settled tips", async () => {
    const types = ["REPORT_FILED", "BANNED", "UNBANNED", "TIP_RECEIVED", "TIP_SETTLED"].map(
      (type) => `EVENT_TYPE_${type}`,
    );
    const { payer, payee, tipId, preimage } = await invoiced(server);
    await payee.tips.confirmReceipt({ tipId });
    await payer.tips.confirm({ tipId, preimage });
    const { offerer, matchId } = await pair(transportTo(server.url));
    await offerer.report({ matchId, reason: ReportReason.SPAM, comment: "a secret comment" });
    const moderation = new GrpcClient("satoshigle.internal.v1.ModerationService", server.internalUrl);
    const addressKey = "A".repeat(22);
    await moderation.call("ban", { addressKey, reason: "because", duration: { seconds: 600 } });
    await moderation.call("unban", { addressKey });
    moderation.close();
    const found = (await events.call("listEvents", { types, pageSize: 20 })).events as Message[];
    expect(JSON.stringify(found)).not.toContain("secret");
    const tip = {
      ...{ tipId, amountMsat: AMOUNT, payerSessionId: payer.welcome.sessionId },
      payeeSessionId: payee.welcome.sessionId,
    };
    expect(found.slice(0, 5)).toMatchObject([
      { unbanned: { addressKey } },
      { banned: { addressKey, reason: "because", automatic: false } },
      { reportFiled: { matchId, reason: "spam", reporterSessionId: offerer.welcome.sessionId } },
      { tipSettled: tip },
      { tipReceived: tip },
    ]);
  });

  it("both refuse what they did not issue", async () => {
    const { nextPageToken } = await events.call("listEvents", { pageSize: 1 });
    const future = Buffer.from("happenings 9007199254740991").toString("base64url");
    for (const cursor of [
      "x",
      nextPageToken,
      future,
      "9".repeat(257),
      Buffer.from("happenings -1").toString("base64url"),
    ]) {
      await expect(watched(1, { cursor })).rejects.toThrow("INVALID_ARGUMENT: cursor");
    }
    await expect(events.call("listEvents", { pageToken: await newest() })).rejects.toThrow(
      "INVALID_ARGUMENT: page_token",
    );
    await expect(events.call("listEvents", { pageSize: 501 })).rejects.toThrow("INVALID_ARGUMENT: page_size");
    await expect(events.call("listEvents", { types: [0] })).rejects.toThrow("INVALID_ARGUMENT: types");
    await expect(events.call("listEvents", { types: [99] })).rejects.toThrow("INVALID_ARGUMENT: types");
  });
});

it("a cursor whose following events are no longer kept is refused with a reason of its own, others go on", async () => {
  const server = await startServer({ ...variables, EVENTS_MAX: "4" });
  const events = new GrpcClient("satoshigle.internal.v1.EventService", server.internalUrl);
  const client = createClient(EventService, createGrpcTransport({ baseUrl: server.internalUrl }));
  await pair(transportTo(server.url));
  const [first, second] = (await events.take("watchEvents", {}, 3)) as unknown as Watched[];
  const { matchId } = await pair(transportTo(server.url));
  await soon(async () => {
    expect((await events.call("listEvents", { pageSize: 1 })).events).toMatchObject([{ matchBegan: { matchId } }]);
  });
  const refused = await refusalOf(all(client.watchEvents({ cursor: first?.cursor ?? "" })));
  expect(refused).toMatchObject({ code: "OutOfRange", reason: "CURSOR_EXPIRED" });
  expect(await events.take("watchEvents", { cursor: second?.cursor }, 4)).toHaveLength(4);
  expect(await events.take("watchEvents", {}, 4)).toHaveLength(4);
  events.close();
  await server.close();
});

it("without a log, nothing is kept, and calls work", async () => {
  const server = await startServer({ ...variables, EVENTS_MAX: "0" });
  const events = new GrpcClient("satoshigle.internal.v1.EventService", server.internalUrl);
  await pair(transportTo(server.url));
  expect(await events.call("listEvents")).toMatchObject({ events: [], nextPageToken: "", nextCursor: "" });
  events.close();
  await server.close();
});

async function all(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const came: unknown[] = [];
  for await (const one of stream) came.push(one);
  return came;
}
