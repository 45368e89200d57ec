import { expect, it } from "vitest";
import { MAX_EXPIRY_MS } from "../../../src/core/invoice.js";
import { cancelled, invoiced, settled, type Tip, tipKeptUntilMs } from "../../../src/core/tip.js";
import type { LedgerEntry } from "../../../src/ports/tip-ledger.js";
import type { StoreFixture } from "../../support/store-fixture.js";
import { idsOf, LAST, match, preimageOf, session, TipsHarness } from "./tips-harness.js";

export function forgetting(create: () => Promise<StoreFixture>): void {
  const harness = TipsHarness.of(create);

  async function cancel(tip: Tip): Promise<LedgerEntry> {
    const booked = await harness.invoice(tip);
    return harness.change(cancelled(booked, tip.payerId, harness.nowMs), booked.number);
  }

  it("deletes a final tip when its retention ends, and not before", async () => {
    const [given, paid] = [await cancel(harness.offer()), await harness.settle(harness.offer())];
    await harness.tips.prune(tipKeptUntilMs(given) - 1, 10);
    expect(await harness.tips.after(0, 10)).toEqual([given, paid]);
    await harness.tips.prune(tipKeptUntilMs(given), 10);
    expect(await harness.tips.get(given.id)).toBeUndefined();
    await harness.tips.prune(tipKeptUntilMs(paid) - 1, 10);
    expect(await harness.tips.after(0, 10)).toEqual([paid]);
    await harness.tips.prune(tipKeptUntilMs(paid), 10);
    expect(await harness.tips.get(paid.id)).toBeUndefined();
  });

  it("keeps a tip that settles late as long as other settled tips", async () => {
    const given = await cancel(harness.offer());
    const paid = await harness.change(
      settled(given, given.payerId, preimageOf(`of ${given.id}`), harness.nowMs),
      given.number,
    );
    expect(paid).toMatchObject({ state: "settled" });
    await harness.tips.prune(tipKeptUntilMs(given), 10);
    await harness.tips.prune(tipKeptUntilMs(paid) - 1, 10);
    expect(await harness.tips.after(0, 10)).toEqual([paid]);
    await harness.tips.prune(tipKeptUntilMs(paid), 10);
    expect(await harness.tips.get(paid.id)).toBeUndefined();
  });

  it("keeps a payment hash until after the expiry of its invoice, however early the tip ended", async () => {
    const tip = await harness.add(harness.offer());
    const long = { ...harness.invoiceFor(tip, "long"), validUntilMs: harness.nowMs + MAX_EXPIRY_MS };
    const next = invoiced(tip, tip.payeeId, long, harness.nowMs);
    const booked = await harness.change(next, tip.number);
    const given = await harness.change(cancelled(booked, tip.payerId, harness.nowMs), booked.number);
    await harness.tips.prune(long.validUntilMs, 10);
    await expect(harness.invoice(harness.offer(), "long")).rejects.toThrow("hash_used");
    await harness.tips.prune(tipKeptUntilMs(given), 10);
    expect((await harness.invoice(harness.offer(), "long")).state).toBe("invoiced");
  });

  it("never deletes an open tip", async () => {
    const open = [await harness.add(harness.offer()), await harness.invoice(harness.offer())];
    await harness.tips.prune(harness.nowMs + 1e13, 10);
    expect(await harness.tips.after(0, 10)).toEqual(open);
  });

  it("deletes in steps, and returns whether there may be more", async () => {
    for (let count = 0; count < 5; count++) await cancel(harness.offer());
    const kept = await harness.add(harness.offer());
    const laterMs = harness.nowMs + 1e13;
    expect(await harness.tips.prune(laterMs, 3)).toBe(true);
    expect(await harness.tips.after(0, 10)).toHaveLength(3);
    expect(await harness.tips.prune(laterMs, 3)).toBe(false);
    expect(await harness.tips.after(0, 10)).toEqual([kept]);
    expect(await harness.tips.prune(laterMs, 3)).toBe(false);
  });

  it("removes a deleted tip from all lists", async () => {
    const [given] = [await cancel(harness.offer()), await harness.settle(harness.offer())];
    await harness.tips.prune(harness.nowMs + 1e13, 10);
    const lists = await Promise.all([
      harness.tips.before(LAST, 10),
      harness.tips.before(LAST, 10, { matchId: match("ann-bob") }),
      harness.tips.before(LAST, 10, { sessionId: session("ann") }),
      harness.tips.before(LAST, 10, { sessionId: session("bob") }),
      harness.tips.pendingNotifications(LAST, 10),
      harness.tips.due(LAST, 10),
    ]);
    expect(lists.flat()).toEqual([]);
    expect(await harness.tips.change(given, given.number)).toEqual({ state: "stale" });
  });

  it("releases the payment hashes of deleted tips only", async () => {
    const given = await cancel(harness.offer("ann", "bob"));
    const open = await harness.invoice(harness.offer("ann", "bob"), "open");
    await harness.tips.prune(harness.nowMs + 1e13, 10);
    const forgotten = await harness.invoice(harness.offer("cyd"), `of ${given.id}`);
    expect(forgotten.state).toBe("invoiced");
    await expect(harness.invoice(harness.offer("dan"), "open")).rejects.toThrow("hash_used");
    expect(idsOf(await harness.tips.due(LAST, 10))).toContain(open.id);
  });

  it("subtracts deleted settled tips from their totals, and others from none", async () => {
    await harness.settle(harness.offer("ann", "bob", { amountMsat: 1_000 }));
    await cancel(harness.offer("ann", "bob", { amountMsat: 2_000 }));
    harness.nowMs += 60_000;
    const kept = await harness.settle(harness.offer("ann", "bob", { amountMsat: 4_000 }));
    await harness.tips.prune(tipKeptUntilMs(kept) - 1, 10);
    for (const name of ["match:ann-bob", "given:ann", "received:bob"] as const) {
      expect(await harness.tips.total(name)).toEqual({ count: 1, amountMsat: 4_000 });
    }
    await harness.tips.prune(tipKeptUntilMs(kept), 10);
    expect(await harness.tips.total("match:ann-bob")).toEqual({ count: 0, amountMsat: 0 });
  });

  it("subtracts each tip once if two callers delete concurrently", async () => {
    for (let count = 0; count < 5; count++) await harness.settle(harness.offer());
    harness.nowMs += 60_000;
    const kept = await harness.settle(harness.offer());
    const untilMs = tipKeptUntilMs(kept) - 1;
    await Promise.all([harness.tips.prune(untilMs, 10), harness.tips.prune(untilMs, 10)]);
    expect(await harness.tips.total("given:ann")).toEqual({ count: 1, amountMsat: 21_000 });
  });

  it("does not reuse numbers when all tips are deleted", async () => {
    const last = await cancel(harness.offer());
    await harness.tips.prune(harness.nowMs + 1e13, 10);
    expect((await harness.add(harness.offer())).number).toBeGreaterThan(last.number);
  });
}
