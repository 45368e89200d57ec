import { expect } from "vitest";
import { ServerProcess } from "../e2e/support/server-process.js";
import { candidate, pair } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { on } from "../support/redis-cluster.js";
import { RedisServer } from "../support/redis.js";
import { refusalOf } from "../support/refusal.js";
import { clusterVariables } from "./support/fleet.js";
import { it } from "./support/cluster-fixture.js";
import { eventually } from "./support/settle.js";

const [former, next] = ["hunter-before-2", "hunter-after-2"];

it("reports a wrong password after a change, without printing it, and recovers when it is right again", async ({
  fixture,
}) => {
  const redis = await fixture.keep(RedisServer.start());
  const setPassword = (password: string) =>
    on(redis, (client) => client.acl("SETUSER", "app", "on", "resetpass", `>${password}`, "~*", "&*", "+@all"));
  await setPassword(former);
  const REDIS_URL = redis.url.replace("//", `//app:${former}@`);
  const server = await fixture.keep(ServerProcess.start({ ...clusterVariables, REDIS_URL }));
  const transport = transportTo(server.url.replace("localhost", "127.0.0.1"));
  const readiness = async () => {
    const response = await fetch(`${server.url}/readyz`);
    return { status: response.status, body: await response.text() };
  };
  const { offerer, matchId } = await pair(transport);

  await setPassword(next);
  await on(redis, (client) => client.call("CLIENT", "KILL", "USER", "app"));
  await eventually("it is not ready", async () => (await readiness()).status === 503);
  const wrong = "the user or the password of REDIS_URL is wrong";
  await eventually("it says why", async () => (await readiness()).body.includes(wrong));
  const unavailable = { code: "Unavailable", reason: "STORE_AWAY", retryMs: expect.any(Number) as number };
  expect(await refusalOf(TestClient.open(transport))).toMatchObject(unavailable);
  expect(server.output).toContain(wrong);

  await setPassword(former);
  await eventually("it is ready", async () => (await readiness()).status === 200);
  await eventually(
    "no problem is reported",
    async () => (JSON.parse((await readiness()).body) as { troubles: unknown[] }).troubles.length === 0,
  );
  await offerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
  await pair(transport);
  expect(server.output).not.toContain("hunter");
  expect(server.output).not.toMatch(/"level":[56]0/);
});
