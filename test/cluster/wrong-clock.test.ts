import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect } from "vitest";
import { candidate, pair, roomy, uniqueInterest } from "../support/pair.js";
import { Person } from "../support/person.js";
import type { Fleet } from "./support/fleet.js";
import { it, type Scene } from "./support/scene.js";
import { withSetClock } from "./support/set-clock.js";
import { eventually } from "./support/settle.js";

/** Longer than the lease of an instance, and than two of its beats. */
const A_WHILE_MS = 13_000;
const HOUR_MS = 3_600_000;

/** Three instances, of which the last has a clock that is off, or jumps when it is told to. */
function begin(scene: Scene, clock: Record<string, string>): Promise<Fleet> {
  const variables = { ...roomy, HEARTBEAT_INTERVAL_MS: "15000", MAX_DISCONNECTION_DURATION_MS: "20000" };
  return scene.fleet({ variables, only: [{}, {}, { ...withSetClock, ...clock }] });
}

const readiness = async (fleet: Fleet, index: number) =>
  (await (await fetch(`${fleet.instance(index).url}/readyz`)).json()) as { ready: boolean; troubles: string[] };

const said = (fleet: Fleet, index: number, words: string) => fleet.instance(index).output.split(words).length - 1;

/** Streams of all three stay open and carry what is said, and who looks for a partner finds one. */
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
  it("harms no stream, match or wait of the others, and says what is wrong with it", async ({ scene }) => {
    const fleet = await begin(scene, { CLOCK_OFFSET_MS: String(offMs) });
    const { offerer, answerer, matchId } = await pair(fleet.transport(0), {}, { answerer: fleet.transport(1) });
    const [waiter, late] = [await Person.open(fleet.transport(0)), await Person.open(fleet.transport(2))];
    const interests = [uniqueInterest()];
    await waiter.match({ preferences: { interests } });
    await waiter.until("waiting");
    const away = await Person.open(fleet.transport(1));
    await away.match({ preferences: { interests: [uniqueInterest()] } }); // or its session would end with its stream
    await away.leave();
    await away.break();
    await sleep(A_WHILE_MS);
    await answerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
    expect(await offerer.until("signalReceived"), "the match is there, its streams are open").toBeDefined();
    await late.match({ preferences: { interests } });
    expect(await Promise.all([waiter.until("matched"), late.until("matched")])).toHaveLength(2);
    expect((await Person.open(fleet.transport(0), away.resume)).welcome.resumed, "nobody's window was cut").toBe(true);
    await goesOn(fleet);

    const side = offMs > 0 ? "ahead of" : "behind";
    expect(said(fleet, 2, side), "it says so once").toBe(1);
    expect(await readiness(fleet, 2)).toMatchObject({ ready: true, troubles: [expect.stringContaining(side)] });
    expect(await skewOf(fleet, 2)).toBeCloseTo(offMs / 1000, 0);
    for (const index of [0, 1]) {
      expect(await readiness(fleet, index)).toEqual({ ready: true, troubles: [] });
      expect(said(fleet, index, "the clock of this machine")).toBe(0);
    }
  });
});

describe.concurrent.each([-HOUR_MS, 40_000])("an instance whose clock jumps by %i ms while it runs", (jumpMs) => {
  it("harms nobody, and says so within two beats", async ({ scene }) => {
    const fleet = await begin(scene, { CLOCK_JUMP_MS: String(jumpMs) });
    const { offerer, answerer, matchId } = await pair(fleet.transport(0), {}, { answerer: fleet.transport(2) });
    expect(await readiness(fleet, 2)).toEqual({ ready: true, troubles: [] });
    fleet.instance(2).signal("SIGWINCH");
    await eventually("it says so", async () => (await readiness(fleet, 2)).troubles.length === 1);
    await sleep(A_WHILE_MS);
    await answerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
    expect(await offerer.until("signalReceived")).toMatchObject({ signals: [candidate(1)] });
    await goesOn(fleet);
    expect(said(fleet, 2, "the clock of this machine is")).toBe(1);
  });
});

/** What its metrics tell, in seconds. */
async function skewOf(fleet: Fleet, index: number): Promise<number> {
  const text = await (await fetch(`${fleet.internalUrl(index)}/metrics`)).text();
  return Number(/^satoshigle_clock_skew_seconds (\S+)$/m.exec(text)?.[1]);
}
