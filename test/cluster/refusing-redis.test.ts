import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { pair } from "../support/pair.js";
import { TestClient } from "../support/test-client.js";
import { refusalOf } from "../support/refusal.js";
import { type Fleet, realmKey } from "./support/fleet.js";
import { ways } from "./support/refusing.js";
import { it } from "./support/cluster-fixture.js";
import { eventually } from "./support/settle.js";

/** Longer than several heartbeats of a failing instance: a flapping state would have shown. */
const A_WHILE_MS = 6_000;

const linesWith = (fleet: Fleet, words: string) => fleet.instance(0).output.split(words).length - 1;

async function readiness(fleet: Fleet): Promise<{ status: number; troubles: string[] }> {
  const response = await fetch(`${fleet.instance(0).url}/readyz`);
  return { status: response.status, troubles: ((await response.json()) as { troubles: string[] }).troubles };
}

it.concurrent.for(ways)(
  "an instance refuses calls with a retry delay, is not ready and logs the reason once while $name, and recovers",
  async ({ says, begin, end }, { fixture }) => {
    const fleet = await fixture.fleet({ instances: 1 });
    const { offerer, matchId } = await pair(fleet.transport(0));
    expect(await readiness(fleet)).toEqual({ status: 200, troubles: [] });
    await begin(fleet.redis, realmKey);
    await eventually("it is not ready", async () => (await readiness(fleet)).status === 503);
    const call = () => refusalOf(TestClient.open(fleet.transport(0)));
    const unavailable = { code: "Unavailable", reason: "STORE_AWAY", retryMs: expect.any(Number) as number };
    expect(await call()).toMatchObject(unavailable);
    await sleep(A_WHILE_MS);
    expect(await call()).toMatchObject(unavailable);
    expect((await readiness(fleet)).troubles).toEqual([expect.stringContaining(says)]);
    expect([linesWith(fleet, says), linesWith(fleet, "Redis is available again")], fleet.instance(0).output).toEqual([
      1, 0,
    ]);
    await end(fleet.redis, realmKey);
    await eventually("it is ready", async () => (await readiness(fleet)).status === 200);
    await eventually("it is logged", () => linesWith(fleet, "Redis is available again") === 1, 90_000);
    await eventually("no problem is reported", async () => (await readiness(fleet)).troubles.length === 0);
    await offerer.send({ matchId, clientSequence: 1, signals: [] }).catch(() => undefined);
    await pair(fleet.transport(0));
    expect(linesWith(fleet, '"level":50'), fleet.instance(0).output).toBe(says.includes("unexpected type") ? 1 : 0);
    expect(fleet.instance(0).isAlive).toBe(true);
  },
);
