import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { MemoryMeter } from "../../src/adapters/metrics/meter.js";
import { systemProcessStats } from "../../src/adapters/node/process-stats.js";
import { RedisSamples } from "../../src/adapters/redis/cluster-stats.js";
import { ScriptRunner } from "../../src/adapters/redis/script-runner.js";
import { Description_Type } from "../../gen/satoshigle/v1/signal_pb.js";
import { merge, instanceStats } from "../../src/core/metrics/instance-stats.js";
import { SAMPLE_LIFE_MS } from "../../src/ports/cluster-stats.js";
import { GrpcClient, type Message } from "../support/grpc.js";
import { candidate, pair, roomy } from "../support/pair.js";
import { transportTo } from "../support/test-client.js";
import { RedisServer } from "../support/redis.js";
import { sdp } from "../support/sdp.js";
import { startServer, type TestServer } from "../support/server.js";

const offer = { case: "description" as const, value: { type: Description_Type.OFFER, sdp: sdp() } };
const MONITORING = "satoshigle.internal.v1.MonitoringService";

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.close());

describe("two instances", () => {
  const servers: TestServer[] = [];
  const clients: GrpcClient[] = [];
  let own: RedisServer;
  beforeAll(async () => {
    own = await RedisServer.start();
    for (let index = 0; index < 2; index++) {
      const shared = { REDIS_ENABLED: "true", REDIS_URL: own.url, SESSION_SECRET: "s".repeat(32) };
      const server = await startServer({ ...roomy, ...shared, LOG_LEVEL: "silent" });
      servers.push(server);
      clients.push(new GrpcClient(MONITORING, server.internalUrl));
    }
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await Promise.all(servers.map((server) => server.close()));
    await own.close();
  });

  const statsOf = async (index: number, scope: string) => {
    const { stats } = (await clients[index]?.call("getStats", { scope })) as { stats: Message };
    return stats as Message & Record<"timeToMatch" | "storeLatency" | "handshakeTime", { count: number }>;
  };

  it("each report all: counts are summed, values of the store are reported once, distributions are merged", async () => {
    const [a, b] = servers.map(({ url }) => transportTo(url));
    if (a === undefined || b === undefined) throw new Error("a server is missing");
    for (let round = 0; round < 3; round++) {
      const { offerer, matchId, answerer } = await pair(a, {}, { answerer: b });
      await offerer.send({ matchId, clientSequence: 1, signals: [{ kind: offer }, candidate(1)] });
      await answerer.until("signalReceived");
    }
    for (const index of [0, 1]) {
      await vi.waitFor(
        async () => {
          expect(await statsOf(index, "SCOPE_CLUSTER")).toMatchObject({
            ...{ instanceCount: 2, streamCount: 6, sessionCount: 6, waitingCount: 0, matchCount: 3, ready: true },
            timeToMatch: { count: 6 },
            handshakeTime: { count: 3 },
          });
        },
        { timeout: 60_000, interval: 200 },
      );
      expect(await statsOf(index, "SCOPE_INSTANCE")).toMatchObject({
        ...{ instanceCount: 1, streamCount: 3, sessionCount: 6, matchCount: 3 },
        timeToMatch: { count: 3 },
        handshakeTime: { count: index === 0 ? 0 : 3 },
      });
    }
    const [one, other, both] = await Promise.all([
      statsOf(0, "SCOPE_INSTANCE"),
      statsOf(1, "SCOPE_INSTANCE"),
      statsOf(0, "SCOPE_CLUSTER"),
    ]);
    expect(both.storeLatency.count).toBeGreaterThan(Math.max(one.storeLatency.count, other.storeLatency.count));
  });

  it("resume each other's watchers, as cursors are the same", async () => {
    const [first] = (await clients[0]?.take("watchStats", { scope: "SCOPE_CLUSTER" }, 1)) ?? [];
    const [next] = (await clients[1]?.take("watchStats", { scope: "SCOPE_CLUSTER", cursor: first?.cursor }, 1)) ?? [];
    expect(Number(next?.cursor)).toBeGreaterThan(Number(first?.cursor));
    expect(Number(next?.cursor)).toBeLessThan(Number(first?.cursor) + 6_000);
  });

  it("report themselves while Redis is unreachable, and all instances when it is back", async () => {
    const away = await RedisServer.start();
    const alone = { REDIS_ENABLED: "true", REDIS_URL: away.url, SESSION_SECRET: "s".repeat(32), LOG_LEVEL: "silent" };
    const server = await startServer({ ...roomy, ...alone });
    const client = new GrpcClient(MONITORING, server.internalUrl);
    await away.stop();
    await expect(client.call("getStats", { scope: "SCOPE_CLUSTER" })).rejects.toThrow("UNAVAILABLE");
    const { stats } = (await client.call("getStats")) as { stats: Message };
    expect(stats).toMatchObject({ instanceCount: 1, streamCount: 0 });
    expect(stats).not.toHaveProperty("_sessionCount");
    expect(await (await fetch(`${server.internalUrl}/metrics`)).text()).not.toMatch(/^satoshigle_sessions /m);
    await away.start();
    await vi.waitFor(
      async () => expect(await client.call("getStats", { scope: "SCOPE_CLUSTER" })).toBeDefined(),
      10_000,
    );
    expect(await (await fetch(`${server.internalUrl}/metrics`)).text()).toMatch(/^satoshigle_sessions 0$/m);
    client.close();
    await server.close();
    await away.close();
  });
});

describe("samples in Redis", () => {
  const processStats = systemProcessStats();
  const sample = () =>
    instanceStats({ streams: 7, memoryBytes: 100, ready: true }, new MemoryMeter(processStats).read(), 60_000);
  let store: ScriptRunner;
  beforeAll(async () => {
    const settings = { urls: [redis.url], realm: "samples", handshakeMs: 20_000 };
    store = await ScriptRunner.open(settings, () => undefined);
  });
  afterAll(() => {
    store.close();
    processStats.close();
  });

  it("of a killed instance expire, and those of one that stops are removed at once", async () => {
    const nowMs = Date.now();
    const [a, b, c] = ["a", "b", "c"].map((node) => new RedisSamples(store, node));
    await a?.publish(sample(), nowMs);
    await b?.publish(sample(), nowMs + 1);
    const three = await c?.publish(sample(), nowMs + SAMPLE_LIFE_MS - 1);
    expect(merge(three ?? [])).toMatchObject({ nodes: 3, streams: 21, memoryBytes: 300 });
    expect(await c?.publish(sample(), nowMs + SAMPLE_LIFE_MS)).toHaveLength(2);
    await b?.remove();
    expect(await c?.publish(sample(), nowMs + SAMPLE_LIFE_MS)).toHaveLength(1);
    expect(await store.client.hkeys("satoshigle:{samples}:samples")).toEqual(["c"]);
    expect(await store.client.pttl("satoshigle:{samples}:samples")).toBeGreaterThan(0);
    await c?.remove();
    expect(await store.client.keys("satoshigle:{samples}:samples*")).toEqual([]);
  });

  it("are returned unchanged", async () => {
    const node = new RedisSamples(store, "there-and-back");
    const shared = sample();
    expect(await node.publish(shared, Date.now())).toEqual([shared]);
    await node.remove();
  });
});
