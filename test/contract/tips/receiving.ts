import { expect, it } from "vitest";
import { dayOf } from "../../../src/core/day.js";
import { cancelled, type ProvedTotal, received, settled, tipKeptUntilMs, unproved } from "../../../src/core/tip.js";
import type { LedgerEntry } from "../../../src/ports/tip-ledger.js";
import type { StoreFixture } from "../../support/store-fixture.js";
import { idsOf, LAST, preimageOf, session, START_MS, TipsHarness } from "./tips-harness.js";

const DAY_MS = 24 * 60 * 60_000;
const nothing = { count: 0, amountMsat: 0 };
const one = { count: 1, amountMsat: 21_000 };

export function receiving(create: () => Promise<StoreFixture>): void {
  const harness = TipsHarness.of(create);
  const lasting: ProvedTotal[] = ["match:ann-bob", "given:ann", "received:bob"];
  const totals = async (...names: ProvedTotal[]) => ({
    proved: await Promise.all(names.map((name) => harness.tips.total(name))),
    unproved: await Promise.all(names.map((name) => harness.tips.total(unproved(name)))),
  });
  const confirm = (tip: LedgerEntry) => settled(tip, tip.payerId, preimageOf(`of ${tip.id}`), harness.nowMs);
  const receipt = (tip: LedgerEntry) => received(tip, tip.payeeId, harness.nowMs);

  it("a received tip is counted apart from proved ones, and no longer open", async () => {
    await harness.receive(harness.offer());
    const day = [`day:${dayOf(START_MS)}`] as const;
    expect(await totals(...lasting)).toEqual({ proved: [nothing, nothing, nothing], unproved: [one, one, one] });
    expect(await totals(...day)).toEqual({ proved: [nothing], unproved: [one] });
    expect(await harness.tips.openOf(session("ann"), 10)).toEqual([]);
    expect(await harness.tips.due(LAST, 10)).toEqual([]);
  });

  it("a received tip that is proved moves from one total to the other, also on another day", async () => {
    const tip = await harness.receive(harness.offer());
    harness.nowMs += DAY_MS;
    const paid = await harness.change(confirm(tip), tip.number);
    expect(paid).toMatchObject({ state: "settled", receivedMs: START_MS, changedMs: harness.nowMs });
    expect(await totals(...lasting)).toEqual({ proved: [one, one, one], unproved: [nothing, nothing, nothing] });
    expect(await totals(`day:${dayOf(START_MS)}`)).toEqual({ proved: [nothing], unproved: [nothing] });
    expect(await totals(`day:${dayOf(harness.nowMs)}`)).toEqual({ proved: [one], unproved: [nothing] });
  });

  it("a tip moves once, however often it is proved concurrently", async () => {
    const tip = await harness.receive(harness.offer());
    const changes = await Promise.all(Array.from({ length: 5 }, () => harness.tips.change(confirm(tip), tip.number)));
    expect(changes.filter(({ state }) => state === "changed")).toHaveLength(1);
    expect(await totals("match:ann-bob")).toEqual({ proved: [one], unproved: [nothing] });
  });

  it("proof and receipt at the same time are both kept, and counted as proved", async () => {
    const tip = await harness.invoice(harness.offer());
    await Promise.all([harness.tips.change(receipt(tip), tip.number), harness.tips.change(confirm(tip), tip.number)]);
    for (const decide of [confirm, receipt]) {
      const latest = (await harness.tips.get(tip.id)) ?? tip;
      const next = decide(latest);
      if (next !== latest) await harness.change(next, latest.number);
    }
    expect(await harness.tips.get(tip.id)).toMatchObject({ state: "settled", receivedMs: START_MS });
    expect(await totals("match:ann-bob")).toEqual({ proved: [one], unproved: [nothing] });
  });

  it("the receipt of a settled tip is added in place, so that no reader sees it settle again", async () => {
    const tip = await harness.settle(harness.offer());
    const later = await harness.add(harness.offer());
    await harness.tips.markNotified(tip.id, tip.number);
    harness.nowMs += 5;
    const noted = await harness.change(receipt(tip), tip.number);
    expect(noted).toEqual({ ...tip, receivedMs: harness.nowMs });
    expect(await harness.tips.get(tip.id)).toEqual(noted);
    expect(await harness.tips.after(tip.number, 10)).toEqual([later]);
    expect(await totals("match:ann-bob")).toEqual({ proved: [one], unproved: [nothing] });
    const pending = await harness.tips.pendingNotifications(harness.nowMs + 1, 10);
    expect(idsOf(pending)).toContain(tip.id);
  });

  it("the receipt of a settled tip is added once, also concurrently", async () => {
    const tip = await harness.settle(harness.offer());
    const next = receipt(tip);
    const changes = await Promise.all(Array.from({ length: 5 }, () => harness.tips.change(next, tip.number)));
    expect(changes.map(({ state }) => state).sort()).toEqual(["changed", "stale", "stale", "stale", "stale"]);
  });

  it("a cancelled tip becomes received, and is then kept like a settled one", async () => {
    const tip = await harness.invoice(harness.offer());
    const ended = await harness.change(cancelled(tip, tip.payerId, harness.nowMs), tip.number);
    const got = await harness.change(receipt(ended), ended.number);
    await harness.tips.prune(tipKeptUntilMs(ended) + 1, 10);
    expect(await harness.tips.get(tip.id)).toEqual(got);
    await harness.tips.prune(tipKeptUntilMs(got), 10);
    expect(await harness.tips.get(tip.id)).toBeUndefined();
    expect(await totals("match:ann-bob")).toEqual({ proved: [nothing], unproved: [nothing] });
  });
}
