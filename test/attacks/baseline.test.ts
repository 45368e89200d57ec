import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { createClient } from "@connectrpc/connect";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../../gen/health/v1/health_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { pair } from "../support/pair.js";
import { PATIENCE_MS } from "../support/patience.js";
import { TestClient } from "../support/test-client.js";
import { expected } from "./support/kind.js";
import { expectNobody, holdings } from "./support/anonymous.js";
import { MIB, report, Target } from "./support/target.js";

let target: Target;
beforeAll(async () => {
  const variables = {
    MAX_CONNECTIONS_PER_IP: "10000",
    RATE_LIMIT_WINDOW_MS: "1000",
    RATE_LIMIT_MAX_REQUESTS: "100000",
    MAX_DISCONNECTION_DURATION_MS: "15000",
    CONNECTION_TIMEOUT_MS: "60000",
    HEARTBEAT_INTERVAL_MS: "5000",
    MAX_LOOP_DELAY_MS: "10000",
  };
  target = await Target.start(variables, true);
});
afterAll(() => target.close());

/** Clients that make every kind of call over both protocols. Some disconnect without leaving. */
async function visit(pairs: number): Promise<void> {
  const connections = Array.from({ length: Math.ceil(pairs / 8) }, () => new Http2SessionManager(target.url));
  const overH2 = connections.map((one) => createGrpcTransport({ baseUrl: target.url, sessionManager: one }));
  await Promise.all(
    Array.from({ length: pairs }, async (_, index) => {
      const transport = (index % 2 === 0 ? undefined : overH2[index >> 3]) ?? target.transport();
      const { offerer, answerer, matchId } = await pair(transport);
      await offerer.send({ matchId, clientSequence: 1, signals: [{ kind: { case: "candidatesDone", value: {} } }] });
      if (index % 3 === 0) await answerer.report({ matchId, reason: ReportReason.SPAM });
      if (index % 3 === 1) await offerer.leave();
      const again = await TestClient.open(transport, offerer.resume);
      await again.match({ preferences: { interests: [`visit${String(index)}`], languages: ["en"] } });
      await Promise.all([again.break(), answerer.break(), offerer.break()]);
    }),
  );
  const internal = new Http2SessionManager(target.internalUrl);
  const transport = createGrpcTransport({ baseUrl: target.internalUrl, sessionManager: internal });
  const health = createClient(Health, transport);
  const over = new AbortController();
  const watching = async () => {
    for await (const { status } of health.watch({}, { signal: over.signal }))
      if (status === Status.SERVING) over.abort();
  };
  await watching().catch(() => undefined);
  for (const one of [internal, ...connections]) one.abort();
}

/** The number of keys in Redis, if the server uses it. */
const keys = expected({
  memory: () => Promise.resolve(0),
  redis: () => target.keyspace.size(),
  haproxy: () => Promise.resolve(0),
});

/** What the server keeps of its clients, and of its code. On a slow machine, the first are gone before the last come. */
async function entries(): Promise<number> {
  const { tables } = await target.figures();
  return Object.values(tables).reduce((sum, size) => sum + size, 0) + (await keys());
}

it("keeps no table entry, timer, connection or key when all clients are gone", async () => {
  await visit(3); // allocates what is kept permanently
  const before = await expectNobody(target);
  const heapBefore = (await target.figures()).heapUsed;
  const visiting = visit(150);
  await vi.waitFor(async () => expect(await entries()).toBeGreaterThan(300), { timeout: PATIENCE_MS, interval: 100 });
  const during = await target.figures();
  await visiting;
  await vi.waitFor(async () => expect(await holdings(target)).toEqual(before), { timeout: PATIENCE_MS, interval: 200 });
  await expectNobody(target);
  const { heapUsed, troubles } = await target.figures();
  report("450 streams later", {
    "KiB more of heap": (heapUsed - heapBefore) / 1024,
    "tables at the most": Object.keys(during.tables).length,
    "tables left": JSON.stringify(before.tables),
    "timers left": JSON.stringify(before.timers),
    "keys left": await keys(),
  });
  expect(heapUsed - heapBefore).toBeLessThan(4 * MIB);
  expect(troubles).toEqual([]);
});
