import { describe, expect, it } from "vitest";
import type { AddressKey, TipId } from "../../../src/core/ids.js";
import { remainingDayMs } from "../../../src/core/day.js";
import { cancelled, UNSETTLED_KEPT_MS } from "../../../src/core/tip.js";
import type { StoreFixture } from "../../support/store-fixture.js";
import { idsOf, LAST, TipsHarness, unnumbered } from "./tips-harness.js";

export function entering(create: () => Promise<StoreFixture>): void {
  const harness = TipsHarness.of(create);

  it("stores a tip unchanged", async () => {
    const tip = harness.offer("ann", "bob", { comment: "“ü” \\ \0 \n", amountMsat: 123_456_789_012 });
    const added = await harness.enter(tip, 1);
    expect(added.state).toBe("added");
    const kept = await harness.tips.get(tip.id);
    expect(added).toEqual({ state: "added", tip: kept });
    expect(unnumbered(kept)).toEqual(tip);
  });

  it("returns nothing for an unknown tip", async () => {
    await harness.add(harness.offer());
    expect(await harness.tips.get("nothing" as TipId)).toBeUndefined();
  });

  it("does not change an existing tip with that ID, and returns it", async () => {
    const first = await harness.add(harness.offer());
    const other = { ...harness.offer("eve", "dan"), id: first.id };
    expect(await harness.enter(other, 1)).toEqual({ state: "known", tip: first });
    expect(await harness.tips.get(first.id)).toEqual(first);
    expect(await harness.tips.after(0, 10)).toEqual([first]);
  });

  it("stores one of two concurrent tips with the same ID", async () => {
    const tip = harness.offer();
    const added = await Promise.all([harness.enter(tip, 9), harness.enter({ ...tip, comment: "other" }, 9)]);
    expect(added.map(({ state }) => state).sort()).toEqual(["added", "known"]);
    expect(await harness.tips.after(0, 10)).toHaveLength(1);
  });

  it("limits the open tips of a payer", async () => {
    await harness.add(harness.offer(), 2);
    await harness.add(harness.offer("ann", "cyd"), 2);
    expect(await harness.enter(harness.offer(), 2)).toEqual({ state: "too_many" });
    expect(await harness.tips.after(0, 10)).toHaveLength(2);
  });

  it("limits the open tips of a payer if they arrive concurrently", async () => {
    const added = await Promise.all(Array.from({ length: 10 }, () => harness.enter(harness.offer(), 3)));
    expect(added.filter(({ state }) => state === "added")).toHaveLength(3);
  });

  it("counts neither the tips of other payers nor received ones", async () => {
    await harness.add(harness.offer("ann", "bob"), 1);
    expect(await harness.enter(harness.offer("bob", "ann"), 1)).toMatchObject({ state: "added" });
    expect(await harness.enter(harness.offer("an", "bob"), 1)).toMatchObject({ state: "added" });
    expect(await harness.enter(harness.offer("ann2", "bob"), 1)).toMatchObject({ state: "added" });
  });

  it("counts tips with an invoice as open, but not final ones", async () => {
    const booked = await harness.invoice(harness.offer());
    expect(await harness.enter(harness.offer(), 1)).toEqual({ state: "too_many" });
    await harness.change(cancelled(booked, booked.payerId, harness.nowMs), booked.number);
    expect(await harness.enter(harness.offer(), 1)).toMatchObject({ state: "added" });
  });

  it("returns an existing tip even to a payer with too many", async () => {
    const first = await harness.add(harness.offer(), 1);
    expect(await harness.enter(first, 1)).toEqual({ state: "known", tip: first });
  });

  it("keeps everything after reopening", async () => {
    const [open, paid] = [await harness.invoice(harness.offer()), await harness.settle(harness.offer("cyd"))];
    await harness.reopen();
    expect(await harness.tips.after(0, 10)).toEqual([open, paid]);
    expect(await harness.enter(harness.offer(), 1)).toEqual({ state: "too_many" });
    const next = await harness.add(harness.offer("dan"));
    expect(next.number).toBeGreaterThan(paid.number);
    expect(idsOf(await harness.tips.before(LAST, 1))).toEqual([next.id]);
    expect(await harness.tips.total(`given:${paid.payerId}`)).toEqual({ count: 1, amountMsat: 21_000 });
  });

  describe("the budget", () => {
    const budget = { open: 100, ofNetwork: 2, all: 5 };
    const add = (...networks: string[]) => harness.tips.add(harness.offer(), networks as AddressKey[], budget);
    const tomorrow = () => (harness.nowMs += remainingDayMs(harness.nowMs));

    it("of a network is used up for the day by either side, and existing tips continue", async () => {
      const first = await add("a", "b");
      expect(await add("a", "c")).toMatchObject({ state: "added" });
      expect(await add("d", "a")).toEqual({ state: "used_up" });
      expect(await add("b", "d")).toMatchObject({ state: "added" });
      if (first.state !== "added") throw new Error(first.state);
      const { tip } = first;
      expect(await harness.tips.add(tip, ["a" as AddressKey], budget)).toEqual({ state: "known", tip });
      await harness.change(cancelled(tip, tip.payerId, harness.nowMs), tip.number);
      expect(await add("a")).toEqual({ state: "used_up" });
      tomorrow();
      expect(await add("a")).toMatchObject({ state: "added" });
    });

    it("of a network is kept after reopening, and reset the next day", async () => {
      for (let count = 0; count < 2; count++) await add("a");
      await harness.reopen();
      expect(await add("a")).toEqual({ state: "used_up" });
      tomorrow();
      for (let count = 0; count < 2; count++) expect(await add("a")).toMatchObject({ state: "added" });
      await harness.tips.prune(harness.nowMs + 3_600_001, 100);
      expect(await add("a")).toEqual({ state: "used_up" });
    });

    it("of the ledger is shared by all, and free again when tips are deleted", async () => {
      const tips = [];
      for (const network of ["a", "b", "c", "d", "e"]) tips.push(await add(network));
      expect(await add("f")).toEqual({ state: "full" });
      const [first] = tips;
      if (first?.state !== "added") throw new Error("not added");
      const { tip } = first;
      await harness.change(cancelled(tip, tip.payerId, harness.nowMs), tip.number);
      expect(await add("f")).toEqual({ state: "full" });
      harness.nowMs += UNSETTLED_KEPT_MS;
      await harness.tips.prune(harness.nowMs, 100);
      expect(await add("f")).toMatchObject({ state: "added" });
      expect(await add("g")).toEqual({ state: "full" });
    });
  });
}
