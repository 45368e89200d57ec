import { expect, it } from "vitest";
import { UNNAMED } from "../../../src/core/case.js";
import { COUNTED_MS } from "../../../src/core/report.js";
import type { StoreFixture } from "../../support/store-fixture.js";
import { comments, key, rules, RecordsHarness } from "./records-harness.js";

export function forgetting(create: () => Promise<StoreFixture>): void {
  const harness = RecordsHarness.of(create);

  const all = () => harness.records.reportsAfter(0, 1_000);

  it("is deleted on request, in steps, and the rest is kept", async () => {
    for (let count = 0; count < 5; count++) await harness.report("a", "b");
    const reportsBeforeMs = harness.nowMs + 500;
    harness.nowMs += 1_000;
    await harness.report("a", "b", { comment: "new" });
    expect(await harness.records.prune({ reportsBeforeMs, nowMs: harness.nowMs, limit: 3 })).toBe(true);
    expect(await all()).toHaveLength(3);
    expect(await harness.records.prune({ reportsBeforeMs, nowMs: harness.nowMs, limit: 3 })).toBe(false);
    expect(comments(await all())).toEqual(["new"]);
  });

  it("can be reported again", async () => {
    const one = harness.reportFrom("a", "b");
    await harness.records.addReport(one, rules);
    await harness.records.prune({ reportsBeforeMs: harness.nowMs + 1, nowMs: harness.nowMs, limit: 10 });
    expect(await harness.records.addReport(one, rules)).toMatchObject({ isNew: true });
  });

  it("of bans is kept while earlier reports could count", async () => {
    for (const network of ["a", "b"]) await harness.records.putBan(harness.banOf(network), UNNAMED);
    await harness.records.liftBan(key("b"), harness.nowMs, UNNAMED);
    const prune = (atMs: number) => harness.records.prune({ reportsBeforeMs: 0, nowMs: atMs, limit: 10 });
    await prune(harness.nowMs + COUNTED_MS - 1);
    expect(await harness.bans()).toHaveLength(2);
    await prune(harness.nowMs + COUNTED_MS);
    expect(await harness.bans()).toEqual([harness.banOf("a")]);
    await prune(harness.nowMs + 60_000 + COUNTED_MS);
    expect(await harness.bans()).toEqual([]);
  });

  it("finds expired bans among many that must be kept", async () => {
    for (let count = 0; count < 12; count++) {
      const expiresMs = harness.nowMs + (count % 5 === 4 ? 1_000 : 60_000);
      await harness.records.putBan(harness.banOf(`network ${String(count)}`, { expiresMs }), UNNAMED);
    }
    const nowMs = harness.nowMs + 1_000 + COUNTED_MS;
    let steps = 0;
    while (await harness.records.prune({ reportsBeforeMs: 0, nowMs, limit: 3 })) expect(++steps).toBeLessThan(10);
    expect(await harness.bans()).toHaveLength(10);
    expect((await harness.bans()).filter(({ expiresMs }) => expiresMs + COUNTED_MS <= nowMs)).toEqual([]);
  });
}
