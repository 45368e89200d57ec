import { expect, it } from "vitest";
import { cancelled } from "../../../src/core/tip.js";
import type { LedgerEntry, TipsOf } from "../../../src/ports/tip-ledger.js";
import type { Place } from "../../support/place.js";
import { idsOf, LAST, match, session, TipsStage } from "./stage.js";

export function listing(create: () => Promise<Place>): void {
  const stage = TipsStage.of(create);

  async function addMany(count: number, payer = "ann", payee = "bob"): Promise<LedgerEntry[]> {
    const added: LedgerEntry[] = [];
    for (let index = 0; index < count; index++) added.push(await stage.add(stage.offer(payer, payee)));
    return added;
  }

  it("lists what changed later, the earliest first, in parts", async () => {
    const all = await addMany(5);
    const first = await stage.tips.after(0, 2);
    const second = await stage.tips.after(first[1]?.number ?? LAST, 10);
    expect([...first, ...second]).toEqual(all);
    expect(await stage.tips.after(all[4]?.number ?? 0, 10)).toEqual([]);
  });

  it("lists what changed earlier, the latest first, in parts", async () => {
    const all = await addMany(5);
    const latest = await stage.tips.before(LAST, 2);
    const older = await stage.tips.before(latest[1]?.number ?? 0, 10);
    expect([...latest, ...older]).toEqual(all.reverse());
    expect(await stage.tips.before(older[2]?.number ?? LAST, 10)).toEqual([]);
  });

  it("lists a tip once, at its latest change, so that who reads on misses none", async () => {
    const [first, second] = await addMany(2);
    if (first === undefined || second === undefined) throw new Error("two were added");
    const changed = await stage.change(cancelled(first, first.payerId, stage.nowMs), first.number);
    expect(await stage.tips.after(0, 10)).toEqual([second, changed]);
    expect(await stage.tips.after(second.number, 10)).toEqual([changed]);
    expect(await stage.tips.before(LAST, 10)).toEqual([changed, second]);
    expect(await stage.tips.before(LAST, 10, { sessionId: first.payerId })).toEqual([changed, second]);
    expect(await stage.tips.before(LAST, 10, { matchId: first.matchId })).toEqual([changed, second]);
  });

  it("lists those of a match or of a session, whichever its part, in parts", async () => {
    const both = [...(await addMany(2)), ...(await addMany(1, "bob", "ann"))].reverse();
    const [other] = await addMany(1, "cyd", "bob");
    const list = (of: TipsOf, number = LAST, limit = 10) => stage.tips.before(number, limit, of);
    expect(await list({ sessionId: session("ann") })).toEqual(both);
    expect(await list({ sessionId: session("bob") })).toEqual([other, ...both]);
    expect(await list({ sessionId: session("bob") }, both[0]?.number, 1)).toEqual([both[1]]);
    expect(await list({ matchId: match("bob-ann") })).toEqual([both[0]]);
    expect(await list({ matchId: match("ann-bob") })).toEqual(both.slice(1));
    expect(await list({ sessionId: session("an") })).toEqual([]);
    expect(await list({ matchId: match("ann") })).toEqual([]);
  });

  it("gives tips that come at once a number each, in one order for all", async () => {
    await Promise.all(Array.from({ length: 50 }, () => stage.add(stage.offer())));
    const numbers = (await stage.tips.after(0, 100)).map(({ number }) => number);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(numbers).toHaveLength(50);
  });

  it("shows a tip in any list as soon as it was entered", async () => {
    const tip = await stage.add(stage.offer());
    expect(idsOf(await stage.tips.after(tip.number - 1, 1))).toEqual([tip.id]);
    expect(idsOf(await stage.tips.before(tip.number + 1, 1))).toEqual([tip.id]);
  });
}
