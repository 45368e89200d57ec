import { expect, it } from "vitest";
import { COUNTED_MS } from "../../../src/core/report.js";
import type { Place } from "../../support/place.js";
import { comments, key, rules, RecordsStage } from "./stage.js";

export function forgetting(create: () => Promise<Place>): void {
  const stage = RecordsStage.of(create);

  const all = () => stage.records.reportsAfter(0, 1_000);

  it("is forgotten when told to, in steps, and the rest is not", async () => {
    for (let count = 0; count < 5; count++) await stage.report("a", "b");
    const reportsBeforeMs = stage.nowMs + 500;
    stage.nowMs += 1_000;
    await stage.report("a", "b", { comment: "new" });
    expect(await stage.records.prune({ reportsBeforeMs, nowMs: stage.nowMs, limit: 3 })).toBe(true);
    expect(await all()).toHaveLength(3);
    expect(await stage.records.prune({ reportsBeforeMs, nowMs: stage.nowMs, limit: 3 })).toBe(false);
    expect(comments(await all())).toEqual(["new"]);
  });

  it("may be said again", async () => {
    const one = stage.reportFrom("a", "b");
    await stage.records.addReport(one, rules);
    await stage.records.prune({ reportsBeforeMs: stage.nowMs + 1, nowMs: stage.nowMs, limit: 10 });
    expect(await stage.records.addReport(one, rules)).toMatchObject({ isNew: true });
  });

  it("of bans is remembered while reports before it could count", async () => {
    for (const network of ["a", "b"]) await stage.records.putBan(stage.banOf(network));
    await stage.records.liftBan(key("b"), stage.nowMs);
    const prune = (atMs: number) => stage.records.prune({ reportsBeforeMs: 0, nowMs: atMs, limit: 10 });
    await prune(stage.nowMs + COUNTED_MS - 1);
    expect(await stage.bans()).toHaveLength(2);
    await prune(stage.nowMs + COUNTED_MS);
    expect(await stage.bans()).toEqual([stage.banOf("a")]);
    await prune(stage.nowMs + 60_000 + COUNTED_MS);
    expect(await stage.bans()).toEqual([]);
  });

  it("finds the bans that need no memory among many that do", async () => {
    for (let count = 0; count < 12; count++) {
      const expiresMs = stage.nowMs + (count % 5 === 4 ? 1_000 : 60_000);
      await stage.records.putBan(stage.banOf(`network ${String(count)}`, { expiresMs }));
    }
    const nowMs = stage.nowMs + 1_000 + COUNTED_MS;
    let steps = 0;
    while (await stage.records.prune({ reportsBeforeMs: 0, nowMs, limit: 3 })) expect(++steps).toBeLessThan(10);
    expect(await stage.bans()).toHaveLength(10);
    expect((await stage.bans()).filter(({ expiresMs }) => expiresMs + COUNTED_MS <= nowMs)).toEqual([]);
  });
}
