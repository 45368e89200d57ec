import { monitorEventLoopDelay } from "node:perf_hooks";
import { describe, expect } from "vitest";
import { Person } from "../support/person.js";
import { on } from "../support/redis-cluster.js";
import type { RedisServer } from "../support/redis.js";
import { readRefusal } from "../support/refusal.js";
import type { Crowd } from "./support/crowd.js";
import { type Fleet, realmKey } from "./support/fleet.js";
import { it, type Scene } from "./support/scene.js";
import { eventually, goOn, settle } from "./support/settle.js";

interface Place {
  fleet: Fleet;
  crowd: Crowd;
  /** The primary that holds the realm at first. */
  owner: RedisServer;
}

/** Two instances on a Cluster, and a crowd that roams. */
async function begin(scene: Scene): Promise<Place> {
  const fleet = await scene.fleetOnCluster({ instances: 2 });
  const owner = await fleet.cluster.ownerOf(realmKey);
  const crowd = await scene.crowd(80, fleet.urls);
  crowd.roam();
  await goOn(crowd);
  return { fleet, crowd, owner };
}

/** Kills the primary of the realm and waits for its replica. Calls are answered meanwhile, whatever the answer. */
async function failOver({ fleet, owner }: Place): Promise<void> {
  const person = await Person.open(fleet.transport(0));
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
  const ownLagMs = lag.max / 1e6; // what this process itself was late, on a busy machine, is no fault of the server
  expect(Math.max(...took) - ownLagMs, "the slowest answer, in ms").toBeLessThan(2_500);
  await person.break();
}

/** Waits until all have met somebody again, and checks what must hold. */
async function recover({ crowd, fleet }: Place): Promise<void> {
  await goOn(crowd);
  await settle(crowd, fleet);
}

describe("when the primary of the realm is killed", () => {
  it("goes on when a replica takes over", async ({ scene }) => {
    const place = await begin(scene);
    await failOver(place);
    await recover(place);
    for (const { count } of place.crowd.guests) expect(count.sessions).toBe(1);
  });

  it("gives a new epoch and a snapshot to all who heard what the replica had not", async ({ scene }) => {
    const place = await begin(scene);
    const { crowd, owner } = place;
    await on(owner, async (client) => {
      await client.config("SET", "requirepass", "no replica knows"); // those who are in stay in
      await client.call("CLIENT", "KILL", "TYPE", "replica");
    });
    await goOn(crowd); // all that was told before has been heard by now
    const heard = new Map(crowd.guests.map((guest) => [guest, guest.lastSequence]));
    await goOn(crowd); // unreplicated
    const losers = crowd.guests.filter((guest) => guest.lastSequence > (heard.get(guest) ?? 0));
    expect(losers.length, "most were told something that no replica knows").toBeGreaterThan(crowd.guests.length / 2);
    await failOver(place);
    await recover(place);
    for (const { count } of losers) expect(count.sessions + count.snapshots).toBeGreaterThan(1);
  });
});
