import { expect, it } from "vitest";
import { cancelled } from "../../../src/core/tip.js";
import type { LedgerEntry, TipsOf } from "../../../src/ports/tip-ledger.js";
import type { StoreFixture } from "../../support/store-fixture.js";
import { idsOf, LAST, match, session, TipsHarness } from "./tips-harness.js";

export function listing(create: () => Promise<StoreFixture>): void {
  const harness = TipsHarness.of(create);

  async function addMany(count: number, payer = "ann", payee = "bob"): Promise<LedgerEntry[]> {
    const added: LedgerEntry[] = [];
    for (let index = 0; index < count; index++) added.push(await harness.add(harness.offer(payer, payee)));
    return added;
  }

  it("lists later changes, the earliest first, in pages", async () => {
    const all = await addMany(5);
    const first = await harness.tips.after(0, 2);
    const second = await harness.tips.after(first[1]?.number ?? LAST, 10);
    expect([...first, ...second]).toEqual(all);
    expect(await harness.tips.after(all[4]?.number ?? 0, 10)).toEqual([]);
  });

  it("lists earlier changes, the latest first, in pages", async () => {
    const all = await addMany(5);
    const latest = await harness.tips.before(LAST, 2);
    const older = await harness.tips.before(latest[1]?.number ?? 0, 10);
    expect([...latest, ...older]).toEqual(all.reverse());
    expect(await harness.tips.before(older[2]?.number ?? LAST, 10)).toEqual([]);
  });

  it("lists a tip once, at its latest change, so that a reader misses none", async () => {
    const [first, second] = await addMany(2);
    if (first === undefined || second === undefined) throw new Error("two tips must be added");
    const changed = await harness.change(cancelled(first, first.payerId, harness.nowMs), first.number);
    expect(await harness.tips.after(0, 10)).toEqual([second, changed]);
    expect(await harness.tips.after(second.number, 10)).toEqual([changed]);
    expect(await harness.tips.before(LAST, 10)).toEqual([changed, second]);
    expect(await harness.tips.before(LAST, 10, { sessionId: first.payerId })).toEqual([changed, second]);
    expect(await harness.tips.before(LAST, 10, { matchId: first.matchId })).toEqual([changed, second]);
  });

  it("lists the tips of a match or of a session in either role, in pages", async () => {
    const both = [...(await addMany(2)), ...(await addMany(1, "bob", "ann"))].reverse();
    const [other] = await addMany(1, "cyd", "bob");
    const list = (of: TipsOf, number = LAST, limit = 10) => harness.tips.before(number, limit, of);
    expect(await list({ sessionId: session("ann") })).toEqual(both);
    expect(await list({ sessionId: session("bob") })).toEqual([other, ...both]);
    expect(await list({ sessionId: session("bob") }, both[0]?.number, 1)).toEqual([both[1]]);
    expect(await list({ matchId: match("bob-ann") })).toEqual([both[0]]);
    expect(await list({ matchId: match("ann-bob") })).toEqual(both.slice(1));
    expect(await list({ sessionId: session("an") })).toEqual([]);
    expect(await list({ matchId: match("ann") })).toEqual([]);
  });

  it("gives concurrent tips different numbers, in the same order for all readers", async () => {
    await Promise.all(Array.from({ length: 50 }, () => harness.add(harness.offer())));
    const numbers = (await harness.tips.after(0, 100)).map(({ number }) => number);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(numbers).toHaveLength(50);
  });

  it("shows a tip in all lists as soon as it is stored", async () => {
    const tip = await harness.add(harness.offer());
    expect(idsOf(await harness.tips.after(tip.number - 1, 1))).toEqual([tip.id]);
    expect(idsOf(await harness.tips.before(tip.number + 1, 1))).toEqual([tip.id]);
  });
}
