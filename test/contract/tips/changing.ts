import { expect, it } from "vitest";
import { cancelled, expired, invoiced, settled } from "../../../src/core/tip.js";
import type { Place } from "../../support/place.js";
import { preimageOf, TipsStage, unnumbered } from "./stage.js";

export function changing(create: () => Promise<Place>): void {
  const stage = TipsStage.of(create);

  it("keeps the next state as it was decided", async () => {
    const tip = await stage.add(stage.offer());
    const next = invoiced(tip, tip.payeeId, stage.invoiceFor(tip, "invoice"), (stage.nowMs += 5));
    const changed = await stage.tips.change(next, tip.number);
    expect(changed).toEqual({ state: "changed", tip: { ...next, number: expect.any(Number) as number } });
    const kept = await stage.tips.get(tip.id);
    expect(unnumbered(kept)).toEqual(unnumbered(next as typeof tip));
    expect(changed).toMatchObject({ tip: kept });
  });

  it("gives each change a number above all before, even when clocks differ", async () => {
    const first = await stage.add(stage.offer());
    const second = await stage.add(stage.offer("cyd"));
    stage.nowMs -= 60_000;
    const third = await stage.change(cancelled(first, first.payeeId, stage.nowMs), first.number);
    stage.nowMs += 120_000;
    const fourth = await stage.add(stage.offer("dan"));
    const numbers = [first, second, third, fourth].map(({ number }) => number);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });

  it("is stale when the tip has changed since, and changes nothing", async () => {
    const tip = await stage.add(stage.offer());
    const latest = await stage.change(cancelled(tip, tip.payerId, stage.nowMs), tip.number);
    const late = cancelled(tip, tip.payeeId, stage.nowMs);
    expect(await stage.tips.change(late, tip.number)).toEqual({ state: "stale" });
    expect(await stage.tips.get(tip.id)).toEqual(latest);
  });

  it("is stale when it is repeated, or about a tip that is not in the books", async () => {
    const tip = await stage.add(stage.offer());
    const next = cancelled(tip, tip.payerId, stage.nowMs);
    const changed = await stage.change(next, tip.number);
    expect(await stage.tips.change(next, tip.number)).toEqual({ state: "stale" });
    expect(await stage.tips.get(tip.id)).toEqual(changed);
    expect(await stage.tips.change(stage.offer(), 1)).toEqual({ state: "stale" });
  });

  it("carries out exactly one of two changes that race", async () => {
    const tip = await stage.invoice(stage.offer());
    const [paid, given] = await Promise.all([
      stage.tips.change(settled(tip, tip.payerId, preimageOf(`of ${tip.id}`), stage.nowMs), tip.number),
      stage.tips.change(cancelled(tip, tip.payerId, stage.nowMs), tip.number),
    ]);
    expect([paid.state, given.state].sort()).toEqual(["changed", "stale"]);
    const { state } = (await stage.tips.get(tip.id)) ?? {};
    expect(state).toBe(paid.state === "changed" ? "settled" : "cancelled");
  });

  it("refuses a payment hash that another tip has, and changes nothing", async () => {
    await stage.invoice(stage.offer(), "same");
    const tip = await stage.add(stage.offer("cyd", "dan"));
    const invoice = stage.invoiceFor(tip, "same");
    const next = invoiced(tip, tip.payeeId, invoice, stage.nowMs);
    expect(await stage.tips.change(next, tip.number)).toEqual({ state: "hash_used" });
    expect(await stage.tips.get(tip.id)).toEqual(tip);
    const other = { ...next, invoice: stage.invoiceFor(tip, "another") };
    expect(await stage.tips.change(other, tip.number)).toMatchObject({ state: "changed" });
  });

  it("refuses a payment hash of a tip that is over, too", async () => {
    const given = await stage.invoice(stage.offer(), "same");
    await stage.change(cancelled(given, given.payerId, stage.nowMs), given.number);
    const late = await stage.invoice(stage.offer(), "too late");
    await stage.change(expired(late, late.deadlineMs), late.number);
    const tip = await stage.add(stage.offer());
    for (const text of ["same", "too late"]) {
      const next = invoiced(tip, tip.payeeId, stage.invoiceFor(tip, text), stage.nowMs);
      expect(await stage.tips.change(next, tip.number)).toEqual({ state: "hash_used" });
    }
  });

  it("gives a payment hash to exactly one of two tips that race for it", async () => {
    const [one, two] = [await stage.add(stage.offer()), await stage.add(stage.offer("cyd", "dan"))];
    const claims = [one, two].map((tip) => {
      const next = invoiced(tip, tip.payeeId, stage.invoiceFor(tip, "same"), stage.nowMs);
      return stage.tips.change(next, tip.number);
    });
    const states = (await Promise.all(claims)).map(({ state }) => state);
    expect(states.sort()).toEqual(["changed", "hash_used"]);
  });

  it("tells that it is stale before it tells of a hash: who decided on an older state is to decide again", async () => {
    await stage.invoice(stage.offer(), "same");
    const tip = await stage.add(stage.offer());
    await stage.change(cancelled(tip, tip.payerId, stage.nowMs), tip.number);
    const next = invoiced(tip, tip.payeeId, stage.invoiceFor(tip, "same"), stage.nowMs);
    expect(await stage.tips.change(next, tip.number)).toEqual({ state: "stale" });
  });

  it("still refuses a payment hash when it is opened again", async () => {
    await stage.invoice(stage.offer(), "same");
    await stage.reopen();
    const tip = await stage.add(stage.offer());
    const next = invoiced(tip, tip.payeeId, stage.invoiceFor(tip, "same"), stage.nowMs);
    expect(await stage.tips.change(next, tip.number)).toEqual({ state: "hash_used" });
  });
}
