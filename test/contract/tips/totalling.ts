import { expect, it } from "vitest";
import { cancelled, expired, settled, type TotalName } from "../../../src/core/tip.js";
import type { StoreFixture } from "../../support/store-fixture.js";
import { preimageOf, START_MS, TipsHarness } from "./tips-harness.js";

const DAY_MS = 24 * 60 * 60_000;
const nothing = { count: 0, amountMsat: 0 };

export function totalling(create: () => Promise<StoreFixture>): void {
  const harness = TipsHarness.of(create);
  const total = (name: TotalName) => harness.tips.total(name);

  it("returns zero for a total without tips", async () => {
    expect(await total("match:none")).toEqual(nothing);
  });

  it("sums settled tips by match, by session as given or received, and by day", async () => {
    await harness.settle(harness.offer("ann", "bob", { amountMsat: 1_000 }));
    await harness.settle(harness.offer("ann", "bob", { amountMsat: 2_001 }));
    await harness.settle(harness.offer("bob", "cyd", { amountMsat: 5_000 }));
    harness.nowMs += DAY_MS;
    await harness.settle(harness.offer("ann", "bob", { amountMsat: 7_000 }));
    expect(await total("match:ann-bob")).toEqual({ count: 3, amountMsat: 10_001 });
    expect(await total("match:bob-cyd")).toEqual({ count: 1, amountMsat: 5_000 });
    expect(await total("given:ann")).toEqual({ count: 3, amountMsat: 10_001 });
    expect(await total("received:bob")).toEqual({ count: 3, amountMsat: 10_001 });
    expect(await total("given:bob")).toEqual({ count: 1, amountMsat: 5_000 });
    expect(await total("received:ann")).toEqual(nothing);
    expect(await total(`day:${day(START_MS)}`)).toEqual({ count: 3, amountMsat: 8_001 });
    expect(await total(`day:${day(harness.nowMs)}`)).toEqual({ count: 1, amountMsat: 7_000 });
  });

  it("sums settled tips only", async () => {
    await harness.add(harness.offer());
    const [open, late] = [await harness.invoice(harness.offer()), await harness.invoice(harness.offer())];
    await harness.change(cancelled(open, open.payerId, harness.nowMs), open.number);
    await harness.change(expired(late, late.deadlineMs), late.number);
    for (const name of ["match:ann-bob", "given:ann", "received:bob", `day:${day(START_MS)}`] as const) {
      expect(await total(name)).toEqual(nothing);
    }
  });

  it("counts a tip once, however often it is settled, also concurrently", async () => {
    const tip = await harness.invoice(harness.offer());
    const next = settled(tip, tip.payerId, preimageOf(`of ${tip.id}`), harness.nowMs);
    const changes = await Promise.all(Array.from({ length: 5 }, () => harness.tips.change(next, tip.number)));
    expect(changes.filter(({ state }) => state === "changed")).toHaveLength(1);
    expect(await total("match:ann-bob")).toEqual({ count: 1, amountMsat: 21_000 });
  });

  it("counts a tip once, even if it is written again", async () => {
    const tip = await harness.settle(harness.offer());
    expect(await harness.tips.change(tip, tip.number)).toEqual({ state: "stale" });
    expect(await total("match:ann-bob")).toEqual({ count: 1, amountMsat: 21_000 });
  });

  it("counts a tip that settles after it was cancelled or expired, once", async () => {
    const [given, late] = [await harness.invoice(harness.offer()), await harness.invoice(harness.offer())];
    const over = [
      await harness.change(cancelled(given, given.payerId, harness.nowMs), given.number),
      await harness.change(expired(late, late.deadlineMs), late.number),
    ];
    for (const tip of over) {
      const next = settled(tip, tip.payerId, preimageOf(`of ${tip.id}`), harness.nowMs);
      const changes = await Promise.all([1, 2, 3].map(() => harness.tips.change(next, tip.number)));
      expect(changes.map(({ state }) => state).sort()).toEqual(["changed", "stale", "stale"]);
    }
    for (const name of ["match:ann-bob", "given:ann", "received:bob", `day:${day(START_MS)}`] as const) {
      expect(await total(name)).toEqual({ count: 2, amountMsat: 42_000 });
    }
    await harness.tips.prune(harness.nowMs + 1e13, 10);
    expect(await total("match:ann-bob")).toEqual(nothing);
  });

  it("is exact to a millisatoshi, however large a total is", async () => {
    const amountMsat = 1_000_000_000_000_001;
    for (let count = 0; count < 5; count++) await harness.settle(harness.offer("ann", "bob", { amountMsat }));
    expect(await total("given:ann")).toEqual({ count: 5, amountMsat: 5 * amountMsat });
  });

  it("sums all concurrently settled tips", async () => {
    await Promise.all(Array.from({ length: 20 }, () => harness.settle(harness.offer())));
    expect(await total("match:ann-bob")).toEqual({ count: 20, amountMsat: 420_000 });
  });
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
