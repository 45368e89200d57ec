import { describe, expect, it } from "vitest";
import type { AddressKey, TipId } from "../../../src/core/ids.js";
import { cancelled, remainingDayMs, UNSETTLED_KEPT_MS } from "../../../src/core/tip.js";
import type { Place } from "../../support/place.js";
import { idsOf, LAST, TipsStage, unnumbered } from "./stage.js";

export function entering(create: () => Promise<Place>): void {
  const stage = TipsStage.of(create);

  it("keeps a tip as it was offered", async () => {
    const tip = stage.offer("ann", "bob", { comment: "“ü” \\ \0 \n", amountMsat: 123_456_789_012 });
    const added = await stage.enter(tip, 1);
    expect(added.state).toBe("added");
    const kept = await stage.tips.get(tip.id);
    expect(added).toEqual({ state: "added", tip: kept });
    expect(unnumbered(kept)).toEqual(tip);
  });

  it("knows no tip that was never entered", async () => {
    await stage.add(stage.offer());
    expect(await stage.tips.get("nothing" as TipId)).toBeUndefined();
  });

  it("leaves an older tip of that id as it is, and tells it", async () => {
    const first = await stage.add(stage.offer());
    const other = { ...stage.offer("eve", "dan"), id: first.id };
    expect(await stage.enter(other, 1)).toEqual({ state: "known", tip: first });
    expect(await stage.tips.get(first.id)).toEqual(first);
    expect(await stage.tips.after(0, 10)).toEqual([first]);
  });

  it("enters one of two tips with one id that come at once", async () => {
    const tip = stage.offer();
    const added = await Promise.all([stage.enter(tip, 9), stage.enter({ ...tip, comment: "other" }, 9)]);
    expect(added.map(({ state }) => state).sort()).toEqual(["added", "known"]);
    expect(await stage.tips.after(0, 10)).toHaveLength(1);
  });

  it("takes no more open tips from a payer than it is told", async () => {
    await stage.add(stage.offer(), 2);
    await stage.add(stage.offer("ann", "cyd"), 2);
    expect(await stage.enter(stage.offer(), 2)).toEqual({ state: "too_many" });
    expect(await stage.tips.after(0, 10)).toHaveLength(2);
  });

  it("takes no more open tips from a payer when many come at once", async () => {
    const added = await Promise.all(Array.from({ length: 10 }, () => stage.enter(stage.offer(), 3)));
    expect(added.filter(({ state }) => state === "added")).toHaveLength(3);
  });

  it("counts neither the tips of others, nor those that somebody is offered", async () => {
    await stage.add(stage.offer("ann", "bob"), 1);
    expect(await stage.enter(stage.offer("bob", "ann"), 1)).toMatchObject({ state: "added" });
    expect(await stage.enter(stage.offer("an", "bob"), 1)).toMatchObject({ state: "added" });
    expect(await stage.enter(stage.offer("ann2", "bob"), 1)).toMatchObject({ state: "added" });
  });

  it("counts tips with an invoice as open, and final ones no more", async () => {
    const booked = await stage.invoice(stage.offer());
    expect(await stage.enter(stage.offer(), 1)).toEqual({ state: "too_many" });
    await stage.change(cancelled(booked, booked.payerId, stage.nowMs), booked.number);
    expect(await stage.enter(stage.offer(), 1)).toMatchObject({ state: "added" });
  });

  it("tells a tip that is known even to a payer who has too many", async () => {
    const first = await stage.add(stage.offer(), 1);
    expect(await stage.enter(first, 1)).toEqual({ state: "known", tip: first });
  });

  it("still has all of it when it is opened again", async () => {
    const [open, paid] = [await stage.invoice(stage.offer()), await stage.settle(stage.offer("cyd"))];
    await stage.reopen();
    expect(await stage.tips.after(0, 10)).toEqual([open, paid]);
    expect(await stage.enter(stage.offer(), 1)).toEqual({ state: "too_many" });
    const next = await stage.add(stage.offer("dan"));
    expect(next.number).toBeGreaterThan(paid.number);
    expect(idsOf(await stage.tips.before(LAST, 1))).toEqual([next.id]);
    expect(await stage.tips.total(`given:${paid.payerId}`)).toEqual({ count: 1, amountMsat: 21_000 });
  });

  describe("the budget", () => {
    const budget = { open: 100, ofNetwork: 2, all: 5 };
    const add = (...networks: string[]) => stage.tips.add(stage.offer(), networks as AddressKey[], budget);
    const tomorrow = () => (stage.nowMs += remainingDayMs(stage.nowMs));

    it("of a network is used up for the day, whichever side of a tip it is, and what there is goes on", async () => {
      const first = await add("a", "b");
      expect(await add("a", "c")).toMatchObject({ state: "added" });
      expect(await add("d", "a")).toEqual({ state: "used_up" });
      expect(await add("b", "d")).toMatchObject({ state: "added" });
      if (first.state !== "added") throw new Error(first.state);
      const { tip } = first;
      expect(await stage.tips.add(tip, ["a" as AddressKey], budget)).toEqual({ state: "known", tip });
      await stage.change(cancelled(tip, tip.payerId, stage.nowMs), tip.number);
      expect(await add("a")).toEqual({ state: "used_up" });
      tomorrow();
      expect(await add("a")).toMatchObject({ state: "added" });
    });

    it("of a network lasts when the books are opened again, and the day after is forgotten", async () => {
      for (let count = 0; count < 2; count++) await add("a");
      await stage.reopen();
      expect(await add("a")).toEqual({ state: "used_up" });
      tomorrow();
      for (let count = 0; count < 2; count++) expect(await add("a")).toMatchObject({ state: "added" });
      await stage.tips.prune(stage.nowMs + 3_600_001, 100);
      expect(await add("a")).toEqual({ state: "used_up" });
    });

    it("of the books is used up by all, until some are forgotten", async () => {
      const tips = [];
      for (const network of ["a", "b", "c", "d", "e"]) tips.push(await add(network));
      expect(await add("f")).toEqual({ state: "full" });
      const [first] = tips;
      if (first?.state !== "added") throw new Error("not added");
      const { tip } = first;
      await stage.change(cancelled(tip, tip.payerId, stage.nowMs), tip.number);
      expect(await add("f")).toEqual({ state: "full" });
      stage.nowMs += UNSETTLED_KEPT_MS;
      await stage.tips.prune(stage.nowMs, 100);
      expect(await add("f")).toMatchObject({ state: "added" });
      expect(await add("g")).toEqual({ state: "full" });
    });
  });
}
