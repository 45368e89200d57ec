import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { MatchEnded_Reason, SessionClosed_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { roomy } from "../support/pair.js";
import { TestClient } from "../support/test-client.js";
import { RedisServer } from "../support/redis.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { behindProxy, keyOf, meet, reportFrom, transportFrom } from "./support/networks.js";
import { Operator } from "./support/operator.js";

/** How soon a ban applies on all instances, in milliseconds. */
const SOON_MS = 2_000;

let redis: RedisServer;
let here: TestServer;
let there: TestServer;
let operators: [Operator, Operator];

beforeAll(async () => {
  redis = await RedisServer.start();
  const shared = {
    REDIS_ENABLED: "true",
    REDIS_URL: redis.url,
    SESSION_SECRET: "s".repeat(32),
    BAN_AFTER_REPORTS: "3",
  };
  const variables = { ...roomy, ...behindProxy, ...shared };
  [here, there] = await Promise.all([startServer(variables), startServer(variables)]);
  operators = [new Operator(here.internalPort), new Operator(there.internalPort)];
});
afterAll(async () => {
  operators.forEach((operator) => operator.close());
  await Promise.all([here.close(), there.close()]);
  await redis.close();
});

const operator = (index: 0 | 1) => operators[index];

it("a ban ends the streams of its network and applies on every instance", async () => {
  const addressKey = await keyOf(here, operator(0), "233.252.1.1");
  const bad = await TestClient.open(transportFrom(there, "233.252.1.1"));
  const partner = await TestClient.open(transportFrom(here, "192.0.2.1"));
  const { matchId } = await meet(bad, partner);
  await operator(0).call("ban", { addressKey });
  expect(await bad.until("sessionClosed", SOON_MS)).toMatchObject({ reason: SessionClosed_Reason.BANNED });
  expect(await partner.until("matchEnded", SOON_MS)).toMatchObject({ matchId, reason: MatchEnded_Reason.BANNED });
  const isRefused = async () =>
    expect(await refusalOf(TestClient.open(transportFrom(there, "233.252.1.2")))).toMatchObject({ reason: "BANNED" });
  await vi.waitFor(isRefused, { timeout: SOON_MS, interval: 50 });

  await operator(1).call("unban", { addressKey });
  await vi.waitFor(() => TestClient.open(transportFrom(here, "233.252.1.1")), { timeout: SOON_MS, interval: 50 });
});

it("the reports received by all instances count together", async () => {
  await reportFrom(here, "192.0.2.1", "2001:db8:bad::1");
  await reportFrom(there, "198.51.100.1", "2001:db8:bad::1");
  await reportFrom(there, "203.0.113.1", "2001:db8:bad::1");
  const isRefused = async () =>
    expect(await refusalOf(TestClient.open(transportFrom(here, "2001:db8:bad::1")))).toMatchObject({
      reason: "BANNED",
    });
  await vi.waitFor(isRefused, { timeout: SOON_MS, interval: 50 });
  const fresh = await startServer({
    ...behindProxy,
    ...{ REDIS_ENABLED: "true", REDIS_URL: redis.url, SESSION_SECRET: "s".repeat(32) },
  });
  const late = await refusalOf(TestClient.open(transportFrom(fresh, "2001:db8:bad::1")));
  expect(late).toMatchObject({ reason: "BANNED" });
  await fresh.close();
});

it("a watcher receives every report of all instances, once and in order", async () => {
  const before = (await operator(0).call("listReports", { pageSize: 500 })).reports.length;
  const watching = operator(0).watched(before + 20);
  const comments = Array.from({ length: 20 }, (_, index) => `report ${String(index)}`);
  await Promise.all(
    comments.map((comment, index) => reportFrom(index % 2 ? here : there, "192.0.2.1", "198.51.100.1", comment)),
  );
  const watched = (await watching).map(({ report }) => report);
  expect(
    watched
      .slice(before)
      .map((report) => report?.comment)
      .sort(),
  ).toEqual(comments.sort());
  const { reports } = await operator(1).call("listReports", { pageSize: 500 });
  expect(watched).toEqual(reports.toReversed());
});
