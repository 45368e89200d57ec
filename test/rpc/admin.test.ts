import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MatchEnded_Reason, SessionClosed_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { appSecret, identityToken } from "../support/app-keys.js";
import { GrpcClient, type Message } from "../support/grpc.js";
import { pair, roomy } from "../support/pair.js";
import { RedisServer } from "../support/redis.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { TestClient, transportTo } from "../support/test-client.js";

const ADMIN = "satoshigle.internal.v1.AdminService";

describe.each(["memory", "Redis"])("with sessions in %s", (kind) => {
  let redis: RedisServer | undefined;
  let servers: TestServer[];
  let admin: GrpcClient;
  beforeAll(async () => {
    if (kind === "Redis") redis = await RedisServer.start();
    const secret = "a secret of thirty-two characters or so";
    const shared: Record<string, string> =
      redis === undefined ? {} : { REDIS_ENABLED: "true", REDIS_URL: redis.url, SESSION_SECRET: secret };
    const start = () => startServer({ ...roomy, ...shared, IDENTITY_SECRET: appSecret });
    servers = redis === undefined ? [await start()] : [await start(), await start()];
    admin = new GrpcClient(ADMIN, here().internalUrl);
  });
  afterAll(async () => {
    admin.close();
    for (const server of servers) await server.close();
    await redis?.close();
  });

  const at = (index: number) => {
    const server = servers.at(index);
    if (server === undefined) throw new Error("the servers have not started");
    return server;
  };
  const here = () => at(0);
  /** Another instance, if there are several. */
  const there = () => transportTo(at(-1).url);
  const list = async (method: "listSessions" | "listMatches", request: object = {}) => {
    const answer = await admin.call(method, request);
    return { items: (answer.sessions ?? answer.matches) as Message[], token: answer.nextPageToken as string };
  };

  it("ListSessions returns the sessions of all instances in pages, the newest first", async () => {
    const names: string[] = [];
    for (let index = 0; index < 3; index++) names.unshift((await TestClient.open(there())).welcome.sessionId);
    const first = await list("listSessions", { pageSize: 2 });
    const second = await list("listSessions", { pageSize: 1, pageToken: first.token });
    const listed = [...first.items, ...second.items];
    expect(listed.map(({ session }) => (session as Message).sessionId)).toEqual(names);
    expect(listed[0]).toMatchObject({ state: "STATE_IDLE", matchId: "", attached: true });
  });

  it("ListSessions filters by state and by network", async () => {
    const { offerer, answerer, matchId } = await pair(there());
    const matched = await list("listSessions", { state: "STATE_MATCHED", pageSize: 500 });
    const found = matched.items
      .filter((one) => one.matchId === matchId)
      .map(({ session }) => (session as Message).sessionId);
    expect(found.sort()).toEqual([offerer, answerer].map(({ welcome }) => welcome.sessionId).sort());
    const addressKey = matched.items[0]?.addressKey;
    const ofNetwork = await list("listSessions", { addressKey, pageSize: 1 });
    expect(ofNetwork.items).toMatchObject([{ addressKey }]);
    const next = await list("listSessions", { addressKey, pageSize: 1, pageToken: ofNetwork.token });
    expect(next.items[0]?.session).not.toEqual(ofNetwork.items[0]?.session);
    expect((await list("listSessions", { addressKey: "A".repeat(22) })).items).toEqual([]);
  });

  it("ListSessions finds those of a subject", async () => {
    const open = async (sub: string) => TestClient.open(there(), { identityToken: await identityToken({ sub }) });
    const [{ welcome }] = [await open("ann"), await open("ben")];
    const { items } = await list("listSessions", { subject: "ann" });
    expect(items).toMatchObject([{ session: { sessionId: welcome.sessionId } }]);
    expect((await list("listSessions", { subject: "ann", state: "STATE_MATCHED" })).items).toEqual([]);
    expect((await list("listSessions", { subject: "nobody" })).items).toEqual([]);
    const { personKey: addressKey } = items[0]?.session as { personKey: string };
    expect((await list("listSessions", { addressKey })).items).toHaveLength(1);
  });

  it("ListMatches returns running matches, the newest first, and filters them", async () => {
    const [older, newer] = [await pair(there()), await pair(there())];
    const { items } = await list("listMatches", { pageSize: 2 });
    expect(items.map(({ matchId }) => matchId)).toEqual([newer.matchId, older.matchId]);
    expect(items[1]).toMatchObject({
      offerer: { sessionId: older.offerer.welcome.sessionId },
      answerer: { sessionId: older.answerer.welcome.sessionId },
      answered: false,
    });
    expect((await list("listMatches", { pageSize: 2, answered: true })).items).toEqual([]);
    expect((await list("listMatches", { olderThan: { seconds: 3_600 } })).items).toEqual([]);
    await older.offerer.leave();
    expect((await list("listMatches", { pageSize: 1 })).items).toMatchObject([{ matchId: newer.matchId }]);
  });

  it("EndMatch ends a match, once, and says so to both sides", async () => {
    const { offerer, answerer, matchId } = await pair(there(), { rematch: true });
    expect(await admin.call("endMatch", { matchId })).toEqual({ ended: true });
    expect(await admin.call("endMatch", { matchId })).toEqual({ ended: false });
    for (const side of [offerer, answerer]) {
      const ended = { matchId, reason: MatchEnded_Reason.ENDED_BY_OPERATOR, requeued: true };
      expect(await side.until("matchEnded")).toMatchObject(ended);
    }
  });

  it("CloseSession ends a session and its stream for good, and its partner's match as if it had left", async () => {
    const { offerer, answerer, matchId } = await pair(there());
    const { sessionId } = offerer.welcome;
    expect(await admin.call("closeSession", { sessionId })).toEqual({ closed: true });
    expect(await admin.call("closeSession", { sessionId })).toEqual({ closed: false });
    const closed = { reason: SessionClosed_Reason.REMOVED, shouldReconnect: false };
    expect(await offerer.until("sessionClosed")).toMatchObject(closed);
    expect(await answerer.until("matchEnded")).toMatchObject({ matchId, reason: MatchEnded_Reason.PARTNER_LEFT });
    expect(await refusalOf(TestClient.open(there(), offerer.resume))).toMatchObject({ reason: "SESSION_UNKNOWN" });
  });

  it("refuses what it did not issue, and what is out of bounds", async () => {
    const { token } = await list("listSessions", { pageSize: 1 });
    for (const [method, request, field] of [
      ["listMatches", { pageToken: token }, "page_token"],
      ["listSessions", { pageToken: token, addressKey: "A".repeat(22) }, "page_token"],
      ["listSessions", { pageToken: "x" }, "page_token"],
      ["listSessions", { pageSize: 501 }, "page_size"],
      ["listSessions", { pageSize: -1 }, "page_size"],
      ["listSessions", { addressKey: "x" }, "address_key"],
      ["listSessions", { addressKey: "A".repeat(22), subject: "ann" }, "subject"],
      ["listSessions", { subject: "x".repeat(129) }, "subject"],
      ["listSessions", { pageToken: token, subject: "ann" }, "page_token"],
      ["listMatches", { olderThan: { seconds: -1 } }, "older_than"],
      ["endMatch", {}, "match_id"],
      ["closeSession", { sessionId: "x".repeat(65) }, "session_id"],
    ] as const) {
      await expect(admin.call(method, request)).rejects.toThrow(`INVALID_ARGUMENT: ${field}`);
    }
  });
});

it("is on the internal listener only", async () => {
  const server = await startServer();
  for (const path of [`${ADMIN}/ListSessions`, "satoshigle.internal.v1.EventService/ListEvents"]) {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${server.url}/${path}`, { method: "POST", headers, body: "{}" });
    expect(answer.status).toBe(404);
  }
  await server.close();
});
