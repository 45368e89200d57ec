import { expect, it } from "vitest";
import { cancelled, expired, INVOICE_MS } from "../../../src/core/tip.js";
import type { StoreFixture } from "../../support/store-fixture.js";
import { idsOf, START_MS, TipsHarness } from "./tips-harness.js";

export function deadlines(create: () => Promise<StoreFixture>): void {
  const harness = TipsHarness.of(create);

  it("returns open tips whose deadline has passed, the earliest first, and no others", async () => {
    const late = await harness.add(harness.offer("ann", "bob", { deadlineMs: START_MS + 200 }));
    const early = await harness.add(harness.offer("ann", "bob", { deadlineMs: START_MS + 100 }));
    await harness.add(harness.offer("ann", "bob", { deadlineMs: START_MS + 201 }));
    expect(await harness.tips.due(START_MS + 99, 10)).toEqual([]);
    expect(await harness.tips.due(START_MS + 100, 10)).toEqual([early]);
    expect(await harness.tips.due(START_MS + 200, 10)).toEqual([early, late]);
    expect(await harness.tips.due(START_MS + 200, 1)).toEqual([early]);
  });

  it("uses the deadline of the latest state", async () => {
    const tip = await harness.invoice(harness.offer());
    expect(await harness.tips.due(START_MS + INVOICE_MS, 10)).toEqual([]);
    expect(await harness.tips.due(tip.deadlineMs - 1, 10)).toEqual([]);
    expect(await harness.tips.due(tip.deadlineMs, 10)).toEqual([tip]);
  });

  it("has no deadline for final tips", async () => {
    await harness.settle(harness.offer());
    const given = await harness.add(harness.offer());
    await harness.change(cancelled(given, given.payerId, harness.nowMs), given.number);
    const late = await harness.add(harness.offer());
    await harness.change(expired(late, late.deadlineMs), late.number);
    expect(await harness.tips.due(START_MS + 1e12, 10)).toEqual([]);
  });

  it("returns pending notifications, the earliest first, until they are marked", async () => {
    const first = await harness.add(harness.offer());
    harness.nowMs += 100;
    const second = await harness.add(harness.offer());
    expect(await harness.tips.pendingNotifications(START_MS, 10)).toEqual([]);
    expect(await harness.tips.pendingNotifications(START_MS + 100, 10)).toEqual([first]);
    expect(await harness.tips.pendingNotifications(START_MS + 101, 10)).toEqual([first, second]);
    expect(await harness.tips.pendingNotifications(START_MS + 101, 1)).toEqual([first]);
    await harness.tips.markNotified(first.id, first.number);
    await harness.tips.markNotified(first.id, first.number);
    expect(await harness.tips.pendingNotifications(START_MS + 101, 10)).toEqual([second]);
    expect(await harness.tips.get(first.id)).toEqual(first);
  });

  it("has a pending notification for each change, whether or not the one before was marked", async () => {
    const marked = await harness.add(harness.offer());
    await harness.tips.markNotified(marked.id, marked.number);
    const pending = await harness.add(harness.offer());
    harness.nowMs += 100;
    for (const tip of [marked, pending]) await harness.change(cancelled(tip, tip.payerId, harness.nowMs), tip.number);
    expect(await harness.tips.pendingNotifications(START_MS + 100, 10)).toEqual([]);
    expect(idsOf(await harness.tips.pendingNotifications(START_MS + 101, 10))).toEqual([marked.id, pending.id]);
  });

  it("ignores a mark for a change that is not the latest", async () => {
    const tip = await harness.add(harness.offer());
    const changed = await harness.change(cancelled(tip, tip.payerId, harness.nowMs), tip.number);
    await harness.tips.markNotified(tip.id, tip.number);
    expect(await harness.tips.pendingNotifications(START_MS + 1, 10)).toEqual([changed]);
    await harness.tips.markNotified(harness.offer().id, 1);
  });

  it("keeps deadlines and pending notifications after reopening", async () => {
    const [marked, pending] = [await harness.add(harness.offer()), await harness.add(harness.offer())];
    await harness.tips.markNotified(marked.id, marked.number);
    await harness.reopen();
    expect(await harness.tips.pendingNotifications(START_MS + 1, 10)).toEqual([pending]);
    expect(await harness.tips.due(marked.deadlineMs, 10)).toEqual([marked, pending]);
  });
}
