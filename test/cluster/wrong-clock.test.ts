import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect } from "vitest";
import { candidate, pair, roomy, uniqueInterest } from "../support/pair.js";
import { TestClient } from "../support/test-client.js";
import type { Fleet } from "./support/fleet.js";
import { it, type ClusterFixture } from "./support/cluster-fixture.js";
import { withSetClock } from "./support/set-clock.js";
import { eventually } from "./support/settle.js";

/** Longer than the lease of an instance and two of its heartbeats. */
const A_WHILE_MS = 13_000;
const HOUR_MS = 3_600_000;

/** Three instances. The clock of the last one is off, or jumps on a signal. */
function begin(fixture: ClusterFixture, clock: Record<string, string>): Promise<Fleet> {
  const variables = { ...roomy, HEARTBEAT_INTERVAL_MS: "15000", MAX_DISCONNECTION_DURATION_MS: "20000" };
  return fixture.fleet({ variables, only: [{}, {}, { ...withSetClock, ...clock }] });
}

const readiness = async (fleet: Fleet, index: number) =>
  (await (await fetch(`${fleet.instance(index).url}/readyz`)).json()) as { ready: boolean; troubles: string[] };

const said = (fleet: Fleet, index: number, words: string) => fleet.instance(index).output.split(words).length - 1;

/** Checks that the streams of all three stay open and deliver signals, and that searches find a partner. */
async function goesOn(fleet: Fleet): Promise<void> {
  for (const [one, other] of [
    [0, 1],
    [1, 2],
    [2, 0],
  ] as const) {
    const { offerer, answerer, matchId } = await pair(fleet.transport(one), {}, { answerer: fleet.transport(other) });
    await offerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
    expect(await answerer.until("signalReceived")).toMatchObject({ signals: [candidate(1)] });
    await offerer.leave();
    await Promise.all([offerer.break(), answerer.break()]);
  }
}

describe.concurrent.each([30_000, -5 * HOUR_MS])("an instance whose clock is off by %i ms", (offMs) => {
  it("does not affect streams, matches or waits on the others, and reports its clock", async ({ fixture }) => {
    const fleet = await begin(fixture, { CLOCK_OFFSET_MS: String(offMs) });
    const { offerer, answerer, matchId } = await pair(fleet.transport(0), {}, { answerer: fleet.transport(1) });
    const [waiter, late] = [await TestClient.open(fleet.transport(0)), await TestClient.open(fleet.transport(2))];
    const interests = [uniqueInterest()];
    await waiter.match({ preferences: { interests } });
    await waiter.until("waiting");
    const away = await TestClient.open(fleet.transport(1));
    await away.match({ preferences: { interests: [uniqueInterest()] } }); // else its session ends with its stream
    await away.leave();
    await away.break();
    await sleep(A_WHILE_MS);
    await answerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
    expect(await offerer.until("signalReceived"), "the match exists and its streams are open").toBeDefined();
    await late.match({ preferences: { interests } });
    expect(await Promise.all([waiter.until("matched"), late.until("matched")])).toHaveLength(2);
    expect(
      (await TestClient.open(fleet.transport(0), away.resume)).welcome.resumed,
      "no reconnect window was shortened",
    ).toBe(true);
    await goesOn(fleet);

    const side = offMs > 0 ? "ahead of" : "behind";
    expect(said(fleet, 2, side), "it is logged once").toBe(1);
    expect(await readiness(fleet, 2)).toMatchObject({ ready: true, troubles: [expect.stringContaining(side)] });
    expect(await skewOf(fleet, 2)).toBeCloseTo(offMs / 1000, 0);
    for (const index of [0, 1]) {
      expect(await readiness(fleet, index)).toEqual({ ready: true, troubles: [] });
      expect(said(fleet, index, "the clock of this machine")).toBe(0);
    }
  });
});

describe.concurrent.each([-HOUR_MS, 40_000])("an instance whose clock jumps by %i ms while it runs", (jumpMs) => {
  it("affects no session, and reports its clock within two heartbeats", async ({ fixture }) => {
    const fleet = await begin(fixture, { CLOCK_JUMP_MS: String(jumpMs) });
    const { offerer, answerer, matchId } = await pair(fleet.transport(0), {}, { answerer: fleet.transport(2) });
    expect(await readiness(fleet, 2)).toEqual({ ready: true, troubles: [] });
    fleet.instance(2).signal("SIGWINCH");
    await eventually("it is logged", async () => (await readiness(fleet, 2)).troubles.length === 1);
    await sleep(A_WHILE_MS);
    await answerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
    expect(await offerer.until("signalReceived")).toMatchObject({ signals: [candidate(1)] });
    await goesOn(fleet);
    expect(said(fleet, 2, "the clock of this machine is")).toBe(1);
  });
});

/** The skew from its metrics, in seconds. */
async function skewOf(fleet: Fleet, index: number): Promise<number> {
  const text = await (await fetch(`${fleet.internalUrl(index)}/metrics`)).text();
  return Number(/^satoshigle_clock_skew_seconds (\S+)$/m.exec(text)?.[1]);
}
