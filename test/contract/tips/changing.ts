import { expect, it } from "vitest";
import { cancelled, expired, invoiced, settled } from "../../../src/core/tip.js";
import type { StoreFixture } from "../../support/store-fixture.js";
import { preimageOf, TipsHarness, unnumbered } from "./tips-harness.js";

export function changing(create: () => Promise<StoreFixture>): void {
  const harness = TipsHarness.of(create);

  it("stores the next state unchanged", async () => {
    const tip = await harness.add(harness.offer());
    const next = invoiced(tip, tip.payeeId, harness.invoiceFor(tip, "invoice"), (harness.nowMs += 5));
    const changed = await harness.tips.change(next, tip.number);
    expect(changed).toEqual({ state: "changed", tip: { ...next, number: expect.any(Number) as number } });
    const kept = await harness.tips.get(tip.id);
    expect(unnumbered(kept)).toEqual(unnumbered(next as typeof tip));
    expect(changed).toMatchObject({ tip: kept });
  });

  it("gives each change a number above all earlier ones, even if clocks differ", async () => {
    const first = await harness.add(harness.offer());
    const second = await harness.add(harness.offer("cyd"));
    harness.nowMs -= 60_000;
    const third = await harness.change(cancelled(first, first.payeeId, harness.nowMs), first.number);
    harness.nowMs += 120_000;
    const fourth = await harness.add(harness.offer("dan"));
    const numbers = [first, second, third, fourth].map(({ number }) => number);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });

  it("is stale if the tip has changed since, and has no effect", async () => {
    const tip = await harness.add(harness.offer());
    const latest = await harness.change(cancelled(tip, tip.payerId, harness.nowMs), tip.number);
    const late = cancelled(tip, tip.payeeId, harness.nowMs);
    expect(await harness.tips.change(late, tip.number)).toEqual({ state: "stale" });
    expect(await harness.tips.get(tip.id)).toEqual(latest);
  });

  it("is stale if it is repeated, or if the tip does not exist", async () => {
    const tip = await harness.add(harness.offer());
    const next = cancelled(tip, tip.payerId, harness.nowMs);
    const changed = await harness.change(next, tip.number);
    expect(await harness.tips.change(next, tip.number)).toEqual({ state: "stale" });
    expect(await harness.tips.get(tip.id)).toEqual(changed);
    expect(await harness.tips.change(harness.offer(), 1)).toEqual({ state: "stale" });
  });

  it("applies exactly one of two concurrent changes", async () => {
    const tip = await harness.invoice(harness.offer());
    const [paid, given] = await Promise.all([
      harness.tips.change(settled(tip, tip.payerId, preimageOf(`of ${tip.id}`), harness.nowMs), tip.number),
      harness.tips.change(cancelled(tip, tip.payerId, harness.nowMs), tip.number),
    ]);
    expect([paid.state, given.state].sort()).toEqual(["changed", "stale"]);
    const { state } = (await harness.tips.get(tip.id)) ?? {};
    expect(state).toBe(paid.state === "changed" ? "settled" : "cancelled");
  });

  it("refuses a payment hash that another tip has, without effect", async () => {
    await harness.invoice(harness.offer(), "same");
    const tip = await harness.add(harness.offer("cyd", "dan"));
    const invoice = harness.invoiceFor(tip, "same");
    const next = invoiced(tip, tip.payeeId, invoice, harness.nowMs);
    expect(await harness.tips.change(next, tip.number)).toEqual({ state: "hash_used" });
    expect(await harness.tips.get(tip.id)).toEqual(tip);
    const other = { ...next, invoice: harness.invoiceFor(tip, "another") };
    expect(await harness.tips.change(other, tip.number)).toMatchObject({ state: "changed" });
  });

  it("also refuses a payment hash of a final tip", async () => {
    const given = await harness.invoice(harness.offer(), "same");
    await harness.change(cancelled(given, given.payerId, harness.nowMs), given.number);
    const late = await harness.invoice(harness.offer(), "too late");
    await harness.change(expired(late, late.deadlineMs), late.number);
    const tip = await harness.add(harness.offer());
    for (const text of ["same", "too late"]) {
      const next = invoiced(tip, tip.payeeId, harness.invoiceFor(tip, text), harness.nowMs);
      expect(await harness.tips.change(next, tip.number)).toEqual({ state: "hash_used" });
    }
  });

  it("gives a payment hash to exactly one of two concurrent changes", async () => {
    const [one, two] = [await harness.add(harness.offer()), await harness.add(harness.offer("cyd", "dan"))];
    const claims = [one, two].map((tip) => {
      const next = invoiced(tip, tip.payeeId, harness.invoiceFor(tip, "same"), harness.nowMs);
      return harness.tips.change(next, tip.number);
    });
    const states = (await Promise.all(claims)).map(({ state }) => state);
    expect(states.sort()).toEqual(["changed", "hash_used"]);
  });

  it("reports a stale change before a used payment hash, as the caller must decide again", async () => {
    await harness.invoice(harness.offer(), "same");
    const tip = await harness.add(harness.offer());
    await harness.change(cancelled(tip, tip.payerId, harness.nowMs), tip.number);
    const next = invoiced(tip, tip.payeeId, harness.invoiceFor(tip, "same"), harness.nowMs);
    expect(await harness.tips.change(next, tip.number)).toEqual({ state: "stale" });
  });

  it("still refuses a payment hash after reopening", async () => {
    await harness.invoice(harness.offer(), "same");
    await harness.reopen();
    const tip = await harness.add(harness.offer());
    const next = invoiced(tip, tip.payeeId, harness.invoiceFor(tip, "same"), harness.nowMs);
    expect(await harness.tips.change(next, tip.number)).toEqual({ state: "hash_used" });
  });
}
