import { expect, it } from "vitest";
import { cancelled, expired, INVOICE_MS } from "../../../src/core/tip.js";
import type { Place } from "../../support/place.js";
import { idsOf, START_MS, TipsStage } from "./stage.js";

export function reminding(create: () => Promise<Place>): void {
  const stage = TipsStage.of(create);

  it("tells open tips whose deadline has come, the earliest first, and no others", async () => {
    const late = await stage.add(stage.offer("ann", "bob", { deadlineMs: START_MS + 200 }));
    const early = await stage.add(stage.offer("ann", "bob", { deadlineMs: START_MS + 100 }));
    await stage.add(stage.offer("ann", "bob", { deadlineMs: START_MS + 201 }));
    expect(await stage.tips.due(START_MS + 99, 10)).toEqual([]);
    expect(await stage.tips.due(START_MS + 100, 10)).toEqual([early]);
    expect(await stage.tips.due(START_MS + 200, 10)).toEqual([early, late]);
    expect(await stage.tips.due(START_MS + 200, 1)).toEqual([early]);
  });

  it("goes by the deadline of the latest state", async () => {
    const tip = await stage.invoice(stage.offer());
    expect(await stage.tips.due(START_MS + INVOICE_MS, 10)).toEqual([]);
    expect(await stage.tips.due(tip.deadlineMs - 1, 10)).toEqual([]);
    expect(await stage.tips.due(tip.deadlineMs, 10)).toEqual([tip]);
  });

  it("has no deadline for final tips", async () => {
    await stage.settle(stage.offer());
    const given = await stage.add(stage.offer());
    await stage.change(cancelled(given, given.payerId, stage.nowMs), given.number);
    const late = await stage.add(stage.offer());
    await stage.change(expired(late, late.deadlineMs), late.number);
    expect(await stage.tips.due(START_MS + 1e12, 10)).toEqual([]);
  });

  it("remembers what was not told of, the earliest first, until it is marked as told", async () => {
    const first = await stage.add(stage.offer());
    stage.nowMs += 100;
    const second = await stage.add(stage.offer());
    expect(await stage.tips.pendingNotifications(START_MS, 10)).toEqual([]);
    expect(await stage.tips.pendingNotifications(START_MS + 100, 10)).toEqual([first]);
    expect(await stage.tips.pendingNotifications(START_MS + 101, 10)).toEqual([first, second]);
    expect(await stage.tips.pendingNotifications(START_MS + 101, 1)).toEqual([first]);
    await stage.tips.markNotified(first.id, first.number);
    await stage.tips.markNotified(first.id, first.number);
    expect(await stage.tips.pendingNotifications(START_MS + 101, 10)).toEqual([second]);
    expect(await stage.tips.get(first.id)).toEqual(first);
  });

  it("remembers each change anew, whether the one before was told of or not", async () => {
    const told = await stage.add(stage.offer());
    await stage.tips.markNotified(told.id, told.number);
    const untold = await stage.add(stage.offer());
    stage.nowMs += 100;
    for (const tip of [told, untold]) await stage.change(cancelled(tip, tip.payerId, stage.nowMs), tip.number);
    expect(await stage.tips.pendingNotifications(START_MS + 100, 10)).toEqual([]);
    expect(idsOf(await stage.tips.pendingNotifications(START_MS + 101, 10))).toEqual([told.id, untold.id]);
  });

  it("takes no mark for a change that is not the latest", async () => {
    const tip = await stage.add(stage.offer());
    const changed = await stage.change(cancelled(tip, tip.payerId, stage.nowMs), tip.number);
    await stage.tips.markNotified(tip.id, tip.number);
    expect(await stage.tips.pendingNotifications(START_MS + 1, 10)).toEqual([changed]);
    await stage.tips.markNotified(stage.offer().id, 1);
  });

  it("still knows what is due and what was told of when it is opened again", async () => {
    const [told, untold] = [await stage.add(stage.offer()), await stage.add(stage.offer())];
    await stage.tips.markNotified(told.id, told.number);
    await stage.reopen();
    expect(await stage.tips.pendingNotifications(START_MS + 1, 10)).toEqual([untold]);
    expect(await stage.tips.due(told.deadlineMs, 10)).toEqual([told, untold]);
  });
}
