import { expect, it } from "vitest";
import { cancelled, type Tip, tipKeptUntilMs } from "../../../src/core/tip.js";
import type { LedgerEntry } from "../../../src/ports/tip-ledger.js";
import type { Place } from "../../support/place.js";
import { idsOf, LAST, match, session, TipsStage } from "./stage.js";

export function forgetting(create: () => Promise<Place>): void {
  const stage = TipsStage.of(create);

  async function cancel(tip: Tip): Promise<LedgerEntry> {
    const booked = await stage.invoice(tip);
    return stage.change(cancelled(booked, tip.payerId, stage.nowMs), booked.number);
  }

  it("forgets a final tip at the time it is kept until, and not before", async () => {
    const [given, paid] = [await cancel(stage.offer()), await stage.settle(stage.offer())];
    await stage.tips.prune(tipKeptUntilMs(given) - 1, 10);
    expect(await stage.tips.after(0, 10)).toEqual([given, paid]);
    await stage.tips.prune(tipKeptUntilMs(given), 10);
    expect(await stage.tips.get(given.id)).toBeUndefined();
    await stage.tips.prune(tipKeptUntilMs(paid) - 1, 10);
    expect(await stage.tips.after(0, 10)).toEqual([paid]);
    await stage.tips.prune(tipKeptUntilMs(paid), 10);
    expect(await stage.tips.get(paid.id)).toBeUndefined();
  });

  it("never forgets an open tip", async () => {
    const open = [await stage.add(stage.offer()), await stage.invoice(stage.offer())];
    await stage.tips.prune(stage.nowMs + 1e13, 10);
    expect(await stage.tips.after(0, 10)).toEqual(open);
  });

  it("forgets in steps, and tells whether there may be more", async () => {
    for (let count = 0; count < 5; count++) await cancel(stage.offer());
    const kept = await stage.add(stage.offer());
    const laterMs = stage.nowMs + 1e13;
    expect(await stage.tips.prune(laterMs, 3)).toBe(true);
    expect(await stage.tips.after(0, 10)).toHaveLength(3);
    expect(await stage.tips.prune(laterMs, 3)).toBe(false);
    expect(await stage.tips.after(0, 10)).toEqual([kept]);
    expect(await stage.tips.prune(laterMs, 3)).toBe(false);
  });

  it("leaves a forgotten tip in no list", async () => {
    const [given] = [await cancel(stage.offer()), await stage.settle(stage.offer())];
    await stage.tips.prune(stage.nowMs + 1e13, 10);
    const lists = await Promise.all([
      stage.tips.before(LAST, 10),
      stage.tips.before(LAST, 10, { matchId: match("ann-bob") }),
      stage.tips.before(LAST, 10, { sessionId: session("ann") }),
      stage.tips.before(LAST, 10, { sessionId: session("bob") }),
      stage.tips.pendingNotifications(LAST, 10),
      stage.tips.due(LAST, 10),
    ]);
    expect(lists.flat()).toEqual([]);
    expect(await stage.tips.change(given, given.number)).toEqual({ state: "stale" });
  });

  it("frees the payment hashes of what it forgets, and of nothing else", async () => {
    const given = await cancel(stage.offer("ann", "bob"));
    const open = await stage.invoice(stage.offer("ann", "bob"), "open");
    await stage.tips.prune(stage.nowMs + 1e13, 10);
    const forgotten = await stage.invoice(stage.offer("cyd"), `of ${given.id}`);
    expect(forgotten.state).toBe("invoiced");
    await expect(stage.invoice(stage.offer("dan"), "open")).rejects.toThrow("hash_used");
    expect(idsOf(await stage.tips.due(LAST, 10))).toContain(open.id);
  });

  it("takes settled tips out of their totals, and others out of none", async () => {
    await stage.settle(stage.offer("ann", "bob", { amountMsat: 1_000 }));
    await cancel(stage.offer("ann", "bob", { amountMsat: 2_000 }));
    stage.nowMs += 60_000;
    const kept = await stage.settle(stage.offer("ann", "bob", { amountMsat: 4_000 }));
    await stage.tips.prune(tipKeptUntilMs(kept) - 1, 10);
    for (const name of ["match:ann-bob", "given:ann", "received:bob"] as const) {
      expect(await stage.tips.total(name)).toEqual({ count: 1, amountMsat: 4_000 });
    }
    await stage.tips.prune(tipKeptUntilMs(kept), 10);
    expect(await stage.tips.total("match:ann-bob")).toEqual({ count: 0, amountMsat: 0 });
  });

  it("takes each tip out of its totals once when two forget at once", async () => {
    for (let count = 0; count < 5; count++) await stage.settle(stage.offer());
    stage.nowMs += 60_000;
    const kept = await stage.settle(stage.offer());
    const untilMs = tipKeptUntilMs(kept) - 1;
    await Promise.all([stage.tips.prune(untilMs, 10), stage.tips.prune(untilMs, 10)]);
    expect(await stage.tips.total("given:ann")).toEqual({ count: 1, amountMsat: 21_000 });
  });

  it("gives no number twice when all is forgotten", async () => {
    const last = await cancel(stage.offer());
    await stage.tips.prune(stage.nowMs + 1e13, 10);
    expect((await stage.add(stage.offer())).number).toBeGreaterThan(last.number);
  });
}
