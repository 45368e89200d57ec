import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect } from "vitest";
import { candidate, pair, roomy } from "../support/pair.js";
import { TestClient } from "../support/test-client.js";
import { refusalOf } from "../support/refusal.js";
import type { Fleet } from "./support/fleet.js";
import { ownTimeMs } from "./support/own-time.js";
import { RedisLink } from "./support/redis-link.js";
import { it, type ClusterFixture } from "./support/cluster-fixture.js";
import { eventually } from "./support/settle.js";
import { unpacked } from "../support/packed.js";

/** Two instances, the first over a link to Redis that can go silent. Heartbeats are as rare as in production. */
async function begin(
  fixture: ClusterFixture,
): Promise<{ fleet: Fleet; link: RedisLink; isReady: () => Promise<boolean> }> {
  let link!: RedisLink;
  const fleet = await fixture.fleet({
    instances: 2,
    variables: { ...roomy, HEARTBEAT_INTERVAL_MS: "15000", MAX_DISCONNECTION_DURATION_MS: "2000" },
    prepare: async (redis) => {
      link = await fixture.keep(RedisLink.to(redis.port));
      return [link.url, redis.url];
    },
  });
  const isReady = async () => (await fetch(`${fleet.instance(0).url}/readyz`)).status === 200;
  return { fleet, link, isReady };
}

describe.concurrent("an instance whose network to Redis fails", () => {
  it("is not ready when its bus goes silent, and recovers", async ({ fixture }) => {
    const { fleet, link, isReady } = await begin(fixture);
    const { offerer, answerer, matchId } = await pair(fleet.transport(1), {}, { answerer: fleet.transport(0) });
    expect(await isReady()).toBe(true);
    link.muteSubscribers();
    const mutedMs = performance.now();
    await eventually("it is not ready", async () => !(await isReady()));
    expect(performance.now() - mutedMs).toBeLessThan(30_000);
    await offerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
    link.unmute();
    await eventually("it is ready again", isReady);
    expect(await answerer.until("signalReceived")).toMatchObject({ signals: [candidate(1)] });
    await offerer.send({ matchId, clientSequence: 2, signals: [candidate(2)] });
    expect(await answerer.until("signalReceived")).toMatchObject({ signals: [candidate(2)] });
  });

  it("replaces silent connections, answers within 1.5 s meanwhile, and recovers soon", async ({ fixture }) => {
    const { fleet, link, isReady } = await begin(fixture);
    const person = await TestClient.open(fleet.transport(0));
    link.freeze();
    const tookMs = await ownTimeMs(fleet.instance(0).url, async () => {
      expect(await refusalOf(person.match())).toMatchObject({ code: "Unavailable", reason: "STORE_AWAY" });
    });
    expect(tookMs).toBeLessThan(1_500);
    await eventually(
      "calls are served",
      () =>
        person.match().then(
          () => true,
          () => false,
        ),
      15_000,
    );
    await person.until("waiting", 15_000);
    await eventually("it is ready again", isReady);
  });

  it("delivers an event within 4 s if its notification was lost, without any other sign", async ({ fixture }) => {
    const { fleet, link } = await begin(fixture);
    const { offerer, answerer, matchId } = await pair(fleet.transport(1), {}, { answerer: fleet.transport(0) });
    for (let number = 1; number <= 3; number++) {
      link.loseMessages(true);
      await offerer.send({ matchId, clientSequence: number, signals: [candidate(number)] });
      await sleep(100);
      link.loseMessages(false);
      expect(await answerer.until("signalReceived", 4_000)).toMatchObject({ signals: [candidate(number)] });
    }
  });

  it("closes sessions whose first answer was lost, as no client has their token", async ({ fixture }) => {
    const { fleet } = await begin(fixture);
    const sessions = () =>
      fleet.command(async (client) => (await unpacked(client, "satoshigle:{fleet}:counts"))?.sessions);
    await fleet.command((client) => client.call("CLIENT", "PAUSE", 20_000, "WRITE"));
    const opens = Array.from({ length: 10 }, () => refusalOf(TestClient.open(fleet.transport(0))));
    for (const refusal of await Promise.all(opens)) expect(refusal).toMatchObject({ reason: "STORE_AWAY" });
    await fleet.command((client) => client.call("CLIENT", "UNPAUSE"));
    await eventually("they were opened all the same", async () => (await sessions()) === 10);
    const kept = await TestClient.open(fleet.transport(0));
    await eventually("they are closed", async () => (await sessions()) === 1, 45_000);
    await kept.match();
    await kept.until("waiting");
  });
});
