import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { ServerProcess } from "../e2e/support/server-process.js";
import { candidate, pair } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { RedisServer } from "../support/redis.js";
import { refusalOf } from "../support/refusal.js";
import { clusterVariables } from "./support/fleet.js";
import { RedisLink } from "./support/redis-link.js";
import { it } from "./support/cluster-fixture.js";
import { eventually } from "./support/settle.js";

const SLOW_MS = 40_000;
const CALLERS = 10;
/** More than the heap varies between two collections, and far less than some hundred queued calls a second would take. */
const GROWTH_BYTES = 60e6;

it("answers calls without growing while Redis is slow for long, and then continues with the same sessions", async ({
  fixture,
}) => {
  const redis = await fixture.keep(RedisServer.start());
  const link = await fixture.keep(RedisLink.to(redis.port));
  const server = await fixture.keep(ServerProcess.start({ ...clusterVariables, REDIS_URL: link.url }));
  const transport = transportTo(server.url.replace("localhost", "127.0.0.1"));
  const internalUrl = /internal services on (http:[^"]+)/.exec(server.output)?.[1] ?? "";
  const memory = async () => {
    const text = await (await fetch(`${internalUrl}/metrics`)).text();
    return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]);
  };
  const { offerer, answerer, matchId } = await pair(transport);

  link.slowDown(2_000);
  await eventually("it is not ready", async () => (await fetch(`${server.url}/readyz`)).status === 503);
  const untilMs = performance.now() + SLOW_MS;
  const unavailable = { code: "Unavailable", reason: "STORE_AWAY", retryMs: expect.any(Number) as number };
  const callers = Array.from({ length: CALLERS }, async () => {
    while (performance.now() < untilMs) {
      expect(await refusalOf(TestClient.open(transport))).toMatchObject(unavailable);
      await sleep(20);
    }
  });
  await sleep(SLOW_MS / 3);
  const before = await memory();
  await Promise.all(callers);
  const after = await memory();
  expect(after - before).toBeLessThan(GROWTH_BYTES);

  link.slowDown(0);
  await eventually("it is ready", async () => (await fetch(`${server.url}/readyz`)).status === 200);
  await offerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
  expect((await answerer.next()).event.case).toBe("signalReceived");
  await pair(transport);
  expect(server.output).not.toMatch(/"level":[56]0/);
});
