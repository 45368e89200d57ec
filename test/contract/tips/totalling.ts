import { expect, it } from "vitest";
import { cancelled, expired, settled, type TotalName } from "../../../src/core/tip.js";
import type { Place } from "../../support/place.js";
import { preimageOf, START_MS, TipsStage } from "./stage.js";

const DAY_MS = 24 * 60 * 60_000;
const nothing = { count: 0, amountMsat: 0 };

export function totalling(create: () => Promise<Place>): void {
  const stage = TipsStage.of(create);
  const total = (name: TotalName) => stage.tips.total(name);

  it("has nothing in a total that no tip counts towards", async () => {
    expect(await total("match:none")).toEqual(nothing);
  });

  it("adds up settled tips by match, by session as given or received, and by day", async () => {
    await stage.settle(stage.offer("ann", "bob", { amountMsat: 1_000 }));
    await stage.settle(stage.offer("ann", "bob", { amountMsat: 2_001 }));
    await stage.settle(stage.offer("bob", "cyd", { amountMsat: 5_000 }));
    stage.nowMs += DAY_MS;
    await stage.settle(stage.offer("ann", "bob", { amountMsat: 7_000 }));
    expect(await total("match:ann-bob")).toEqual({ count: 3, amountMsat: 10_001 });
    expect(await total("match:bob-cyd")).toEqual({ count: 1, amountMsat: 5_000 });
    expect(await total("given:ann")).toEqual({ count: 3, amountMsat: 10_001 });
    expect(await total("received:bob")).toEqual({ count: 3, amountMsat: 10_001 });
    expect(await total("given:bob")).toEqual({ count: 1, amountMsat: 5_000 });
    expect(await total("received:ann")).toEqual(nothing);
    expect(await total(`day:${day(START_MS)}`)).toEqual({ count: 3, amountMsat: 8_001 });
    expect(await total(`day:${day(stage.nowMs)}`)).toEqual({ count: 1, amountMsat: 7_000 });
  });

  it("adds up nothing but settled tips", async () => {
    await stage.add(stage.offer());
    const [open, late] = [await stage.invoice(stage.offer()), await stage.invoice(stage.offer())];
    await stage.change(cancelled(open, open.payerId, stage.nowMs), open.number);
    await stage.change(expired(late, late.deadlineMs), late.number);
    for (const name of ["match:ann-bob", "given:ann", "received:bob", `day:${day(START_MS)}`] as const) {
      expect(await total(name)).toEqual(nothing);
    }
  });

  it("counts a tip once, however often and at once it is settled", async () => {
    const tip = await stage.invoice(stage.offer());
    const next = settled(tip, tip.payerId, preimageOf(`of ${tip.id}`), stage.nowMs);
    const changes = await Promise.all(Array.from({ length: 5 }, () => stage.tips.change(next, tip.number)));
    expect(changes.filter(({ state }) => state === "changed")).toHaveLength(1);
    expect(await total("match:ann-bob")).toEqual({ count: 1, amountMsat: 21_000 });
  });

  it("counts a tip once, even when a settled one is written again", async () => {
    const tip = await stage.settle(stage.offer());
    await stage.change(tip, tip.number);
    expect(await total("match:ann-bob")).toEqual({ count: 1, amountMsat: 21_000 });
  });

  it("loses not one thousandth of a satoshi, however large a total gets", async () => {
    const amountMsat = 1_000_000_000_000_001;
    for (let count = 0; count < 5; count++) await stage.settle(stage.offer("ann", "bob", { amountMsat }));
    expect(await total("given:ann")).toEqual({ count: 5, amountMsat: 5 * amountMsat });
  });

  it("adds up all of what is settled at once", async () => {
    await Promise.all(Array.from({ length: 20 }, () => stage.settle(stage.offer())));
    expect(await total("match:ann-bob")).toEqual({ count: 20, amountMsat: 420_000 });
  });
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
