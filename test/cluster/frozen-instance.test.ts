import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect } from "vitest";
import { SessionClosed_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { uniqueInterest } from "../support/pair.js";
import { Person } from "../support/person.js";
import { it } from "./support/scene.js";
import { eventually, goOn, settle } from "./support/settle.js";

/** Twice the lease: nobody believes any more that the instance lives. */
const FROZEN_MS = 20_000;

describe.concurrent("an instance that was stopped for 20 s", () => {
  it("cannot act for sessions that moved on: nothing is lost or doubled", async ({ scene }) => {
    const fleet = await scene.fleet();
    const crowd = await scene.crowd(90, fleet.urls);
    const { guests } = crowd;
    const { url } = fleet.instance(0);
    crowd.roam();
    fleet.instance(0).signal("SIGSTOP");
    await Promise.all([
      sleep(FROZEN_MS),
      eventually("all have moved on", () => guests.every(({ present, homeUrl }) => present && homeUrl !== url)),
    ]);
    fleet.instance(0).signal("SIGCONT");
    await goOn(crowd);
    await settle(crowd, fleet);
    expect(guests.filter(({ count }) => count.sessions !== 1 || count.snapshots > 0)).toEqual([]);
  });

  it("ends its stale streams when it goes on, so that their clients resume", async ({ scene }) => {
    // Heartbeats so rare that no stream is given up for having been quiet.
    const fleet = await scene.fleet({ instances: 2, variables: { HEARTBEAT_INTERVAL_MS: "60000" } });
    const [frozen, other] = [fleet.transport(0), fleet.transport(1)];
    const [moved, stayed, partner] = [await Person.open(frozen), await Person.open(frozen), await Person.open(other)];
    const preferences = { interests: [uniqueInterest()] };
    await partner.match({ preferences });
    await stayed.match({ preferences });
    const { matchId } = await stayed.until("matched");
    await partner.until("matched");
    fleet.instance(0).signal("SIGSTOP");
    const back = await Person.open(other, moved.resume);
    expect(back.welcome.resumed).toBe(true);
    await partner.until("partnerAway", 15_000);
    await sleep(FROZEN_MS / 2);
    fleet.instance(0).signal("SIGCONT");
    expect(await moved.rest()).toMatchObject([
      { case: "sessionClosed", value: { reason: SessionClosed_Reason.REPLACED } },
    ]);
    expect(await stayed.rest()).toEqual([]);
    const again = await Person.open(frozen, stayed.resume);
    expect(again.welcome).toMatchObject({
      resumed: true,
      snapshot: { state: { case: "inMatch", value: { matchId } } },
    });
    await partner.until("partnerBack");
  });
});
