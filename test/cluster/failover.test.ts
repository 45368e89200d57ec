import { monitorEventLoopDelay } from "node:perf_hooks";
import { describe, expect } from "vitest";
import { TestClient } from "../support/test-client.js";
import { on } from "../support/redis-cluster.js";
import type { RedisServer } from "../support/redis.js";
import { readRefusal } from "../support/refusal.js";
import type { Crowd } from "./support/crowd.js";
import { type Fleet, realmKey } from "./support/fleet.js";
import { it, type ClusterFixture } from "./support/cluster-fixture.js";
import { eventually, goOn, settle } from "./support/settle.js";

interface Failover {
  fleet: Fleet;
  crowd: Crowd;
  /** The primary that initially holds the realm. */
  owner: RedisServer;
}

/** Two instances on a Cluster, and a crowd that changes partners. */
async function begin(fixture: ClusterFixture): Promise<Failover> {
  const fleet = await fixture.fleetOnCluster({ instances: 2 });
  const owner = await fleet.cluster.ownerOf(realmKey);
  const crowd = await fixture.crowd(80, fleet.urls);
  crowd.roam();
  await goOn(crowd);
  return { fleet, crowd, owner };
}

/** Kills the primary of the realm and waits for its replica. Meanwhile, calls must be answered in time. */
async function failOver({ fleet, owner }: Failover): Promise<void> {
  const person = await TestClient.open(fleet.transport(0));
  await owner.stop("SIGKILL");
  const took: number[] = [];
  const lag = monitorEventLoopDelay();
  lag.enable();
  await eventually("a replica took over", async () => {
    const startMs = performance.now();
    await person.leave().catch((error: unknown) => {
      expect(["Unavailable", "Unauthenticated"]).toContain(readRefusal(error).code);
    });
    took.push(performance.now() - startMs);
    return fleet.cluster.ownerOf(realmKey).then(
      (server) => server !== owner,
      () => false,
    );
  });
  const ownLagMs = lag.max / 1e6; // delays of this process on a busy machine are not the server's
  expect(Math.max(...took) - ownLagMs, "the slowest answer, in ms").toBeLessThan(2_500);
  await person.break();
}

/** Waits until every client has been matched again, and checks the invariants. */
async function recover({ crowd, fleet }: Failover): Promise<void> {
  await goOn(crowd);
  await settle(crowd, fleet);
}

describe("when the primary of the realm is killed", () => {
  it("continues when a replica takes over", async ({ fixture }) => {
    const failover = await begin(fixture);
    await failOver(failover);
    await recover(failover);
    for (const { count } of failover.crowd.clients) expect(count.sessions).toBe(1);
  });

  it("gives a new epoch and a snapshot to every client that received unreplicated events", async ({ fixture }) => {
    const failover = await begin(fixture);
    const { crowd, owner } = failover;
    await on(owner, async (client) => {
      await client.config("SET", "requirepass", "no replica knows"); // existing connections stay authenticated
      await client.call("CLIENT", "KILL", "TYPE", "replica");
    });
    await goOn(crowd); // every earlier event has been received by now
    const heard = new Map(crowd.clients.map((client) => [client, client.lastSequence]));
    await goOn(crowd); // unreplicated
    const losers = crowd.clients.filter((client) => client.lastSequence > (heard.get(client) ?? 0));
    expect(losers.length, "most clients received unreplicated events").toBeGreaterThan(crowd.clients.length / 2);
    await failOver(failover);
    await recover(failover);
    for (const { count } of losers) expect(count.sessions + count.snapshots).toBeGreaterThan(1);
  });
});
