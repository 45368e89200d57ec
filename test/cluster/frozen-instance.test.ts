import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect } from "vitest";
import { SessionClosed_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { uniqueInterest } from "../support/pair.js";
import { TestClient } from "../support/test-client.js";
import { it } from "./support/cluster-fixture.js";
import { eventually, goOn, settle } from "./support/settle.js";

/** Twice the lease: the instance counts as dead. */
const FROZEN_MS = 20_000;

describe.concurrent("an instance that was stopped for 20 s", () => {
  it("cannot act for sessions that have moved: no event is lost or duplicated", async ({ fixture }) => {
    const fleet = await fixture.fleet();
    const crowd = await fixture.crowd(90, fleet.urls);
    const { clients } = crowd;
    const { url } = fleet.instance(0);
    crowd.roam();
    fleet.instance(0).signal("SIGSTOP");
    await Promise.all([
      sleep(FROZEN_MS),
      eventually("all clients have moved", () => clients.every(({ present, homeUrl }) => present && homeUrl !== url)),
    ]);
    fleet.instance(0).signal("SIGCONT");
    await goOn(crowd);
    await settle(crowd, fleet);
    expect(clients.filter(({ count }) => count.sessions !== 1 || count.snapshots > 0)).toEqual([]);
  });

  it("ends its stale streams when it continues, so that their clients resume", async ({ fixture }) => {
    // Heartbeats are so rare that no client gives up a silent stream.
    const fleet = await fixture.fleet({ instances: 2, variables: { HEARTBEAT_INTERVAL_MS: "60000" } });
    const [frozen, other] = [fleet.transport(0), fleet.transport(1)];
    const [moved, stayed, partner] = [
      await TestClient.open(frozen),
      await TestClient.open(frozen),
      await TestClient.open(other),
    ];
    const preferences = { interests: [uniqueInterest()] };
    await partner.match({ preferences });
    await stayed.match({ preferences });
    const { matchId } = await stayed.until("matched");
    await partner.until("matched");
    fleet.instance(0).signal("SIGSTOP");
    const back = await TestClient.open(other, moved.resume);
    expect(back.welcome.resumed).toBe(true);
    await partner.until("partnerAway", 15_000);
    await sleep(FROZEN_MS / 2);
    fleet.instance(0).signal("SIGCONT");
    expect(await moved.rest()).toMatchObject([
      { case: "sessionClosed", value: { reason: SessionClosed_Reason.REPLACED } },
    ]);
    expect(await stayed.rest()).toEqual([]);
    const again = await TestClient.open(frozen, stayed.resume);
    expect(again.welcome).toMatchObject({
      resumed: true,
      snapshot: { state: { case: "inMatch", value: { matchId } } },
    });
    await partner.until("partnerBack");
  });
});
