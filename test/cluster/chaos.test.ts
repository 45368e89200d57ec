import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { randomFrom } from "../support/unreliable-client.js";
import { draw } from "./support/chaos.js";
import type { Crowd } from "./support/crowd.js";
import type { Fleet } from "./support/fleet.js";
import { it } from "./support/cluster-fixture.js";
import { eventually, pairAll } from "./support/settle.js";

/** Number of fleets that run concurrently, each with its share of the rounds and its own seed. */
const FLEETS = 2;
/** `CHAOS_ROUNDS` sets the length, `CHAOS_SEED` repeats a run. */
const rounds = Number(process.env.CHAOS_ROUNDS ?? 200) / FLEETS;
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** The longest pause between two rounds, in milliseconds: often long enough to reconnect. */
const LULL_MS = 250;

const own = Array.from({ length: FLEETS }, (_, index) => ({ rounds, seed: seed + index }));

it.concurrent.for(own)(
  `keeps all instances alive through $rounds rounds of Redis failures (CHAOS_SEED=${String(seed)}, here $seed)`,
  { timeout: 900_000 + rounds * 2_000 },
  async ({ seed }, { fixture }) => {
    const redisFlags = ["--enable-debug-command", "yes", "--appendonly", "yes", "--appendfsync", "everysec"];
    const fleet = await fixture.fleet({ redisFlags, variables: { CONNECTION_TIMEOUT_MS: "60000" } });
    const crowd = await fixture.crowd(24, fleet.urls);
    crowd.roam();
    const random = randomFrom(seed);
    const seen: string[] = [];
    for (let round = 1; round <= rounds; round++) {
      const { name, act } = draw(random);
      await act(fleet.redis, random);
      if (random() < 0.5) await sleep(random() * LULL_MS);
      seen.push(name);
      const alive = fleet.instances.filter((instance) => instance.isAlive).length;
      expect(alive, `instances alive after round ${String(round)}: … ${seen.slice(-5).join(", ")}`).toBe(3);
    }
    await recover(fleet, crowd);
    expect(partings(crowd), "matches ended meanwhile").toBeGreaterThan(0);
    expect(faults(fleet)).toEqual([]);
  },
);

/** All instances accept streams again, every client has one, and every search finds a partner. */
async function recover(fleet: Fleet, crowd: Crowd): Promise<void> {
  const isReady = () => Promise.all(fleet.instances.map((_, index) => fleet.isReady(index)));
  await eventually("every instance is ready", async () => !(await isReady()).includes(false));
  await crowd.rest();
  await eventually("every client has an open stream", () => crowd.clients.every(({ present }) => present));
  await pairAll(crowd, fleet);
}

function partings({ partings }: Crowd): number {
  return partings;
}

/** Errors logged by the instances. */
function faults(fleet: Fleet): string[] {
  return fleet.instances.flatMap(({ everything }) =>
    everything.split("\n").filter((line) => /"level":[56]0/.test(line)),
  );
}
