import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { on } from "../support/redis-cluster.js";
import { Crowd } from "./support/crowd.js";
import { Fleet, realmKey } from "./support/fleet.js";
import { moveSlot } from "./support/move-slot.js";
import { eventually, settle } from "./support/settle.js";

let fleet: Fleet;
let crowd: Crowd;

beforeAll(async () => {
  fleet = await Fleet.startOnCluster({ instances: 2 });
  crowd = await Crowd.enter(60, fleet.urls);
});
afterAll(async () => {
  await crowd.close();
  await fleet.close();
});
beforeEach(async () => {
  const before = crowd.partings;
  crowd.roam();
  await eventually("all are talking", () => crowd.partings > before + 60);
});

/** Checks that matching and signaling continue, and that no client had to start a new session. */
async function goOn(): Promise<void> {
  const before = crowd.partings;
  await eventually("all go on", () => crowd.partings > before + 60);
  await settle(crowd, fleet);
  for (const { count } of crowd.clients) expect(count.sessions).toBe(1);
}

it("loses no event while its subscribers are repeatedly disconnected on all servers", async () => {
  for (let time = 0; time < 8; time++) {
    const kill = (server: (typeof fleet.cluster.servers)[0]) =>
      on(server, (client) => client.call("CLIENT", "KILL", "TYPE", "pubsub"));
    await Promise.all(fleet.cluster.servers.map(kill));
    await sleep(200);
  }
  await goOn();
  expect(crowd.clients.map(({ count }) => count.broken)).toEqual(crowd.clients.map(() => 0));
});

it("loses no session and no event while its slot migrates to another primary, key by key and under load", async () => {
  await moveSlot(fleet.cluster, realmKey, () => sleep(50));
  await goOn();
});

it("continues when a replica takes over by command, while the primary still answers", async () => {
  const replica = await fleet.cluster.replicaOf(await fleet.cluster.ownerOf(realmKey));
  await on(replica, (client) => client.cluster("FAILOVER", "TAKEOVER"));
  await goOn();
});

it("continues when its primary freezes with open connections, and a replica takes over", async () => {
  const owner = await fleet.cluster.ownerOf(realmKey);
  const replica = await fleet.cluster.replicaOf(owner);
  owner.signal("SIGSTOP");
  try {
    await eventually(
      "the replica took over",
      async () => (await on(replica, (client) => client.role()))[0] === "master",
    );
    const isServed = async () => (await fleet.isReady(0)) && (await fleet.isReady(1));
    await eventually("all can be served", isServed);
    const before = crowd.partings;
    await eventually("all go on without it", () => crowd.partings > before + 60);
  } finally {
    owner.signal("SIGCONT"); // it would answer nothing that is asked after a failure
  }
  await goOn();
});
