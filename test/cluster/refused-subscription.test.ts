import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { candidate, pair } from "../support/pair.js";
import { it } from "./support/cluster-fixture.js";
import { eventually } from "./support/settle.js";

const REFUSED_MS = 6_000;

it("survives a subscription that Redis refuses after a reconnect, retries at intervals, and receives messages again", async ({
  fixture,
}) => {
  const fleet = await fixture.fleet({ instances: 1 });
  const { offerer, answerer, matchId } = await pair(fleet.transport(0));
  const refused = await fleet.command(async (client) => {
    await client.acl("SETUSER", "default", "-subscribe");
    await client.config("RESETSTAT");
    await client.call("CLIENT", "KILL", "TYPE", "pubsub");
    await sleep(REFUSED_MS);
    const stats = await client.info("commandstats");
    await client.acl("SETUSER", "default", "+subscribe");
    return Number(/cmdstat_subscribe:.*rejected_calls=(\d+)/.exec(stats)?.[1]);
  });
  expect(refused).toBeGreaterThan(1);
  expect(refused).toBeLessThan(15);
  expect(fleet.instance(0).isAlive).toBe(true);
  await eventually("it is ready again", () => fleet.isReady(0));
  await offerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
  expect(await answerer.until("signalReceived")).toMatchObject({ signals: [candidate(1)] });
  expect(fleet.instance(0).output).not.toMatch(/"level":[56]0/);
});
