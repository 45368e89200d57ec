import { expect, it } from "vitest";
import { COUNTED_MS } from "../../../src/core/report.js";
import type { Place } from "../../support/place.js";
import { key, LAST, RecordsStage } from "./stage.js";

export function operating(create: () => Promise<Place>): void {
  const stage = RecordsStage.of(create);

  it("take the place of the network's one before", async () => {
    for (const ban of [stage.banOf("a"), stage.banOf("b"), stage.banOf("a", { reason: "again" })])
      await stage.records.putBan(ban);
    expect(await stage.bans()).toEqual([stage.banOf("b"), stage.banOf("a", { reason: "again" })]);
  });

  it("are listed in the order they came, both ways and in parts", async () => {
    for (const network of ["a", "b", "c"]) await stage.records.putBan(stage.banOf(network));
    const newest = await stage.records.bansBefore(LAST, 2);
    const older = await stage.records.bansBefore(newest[1]?.number ?? 0, 2);
    expect([...newest, ...older].map(({ addressKey }) => addressKey)).toEqual(["c", "b", "a"]);
  });

  it("are remembered of no more networks than there may be; those there are may change, and go", async () => {
    for (const network of ["a", "b"]) expect(await stage.records.putBan(stage.banOf(network), 2)).toBe(true);
    expect(await stage.records.putBan(stage.banOf("c"), 2)).toBe(false);
    expect(await stage.records.liftBan(key("c"), stage.nowMs, 2)).toBe("full");
    const again = stage.banOf("a", { reason: "again" });
    expect(await stage.records.putBan(again, 2)).toBe(true);
    expect(await stage.records.liftBan(key("b"), stage.nowMs, 2)).toBe(true);
    expect((await stage.bans()).map(({ addressKey }) => addressKey)).toEqual(["a", "b"]);
    await stage.records.prune({ reportsBeforeMs: 0, nowMs: stage.nowMs + COUNTED_MS, limit: 10 });
    expect(await stage.records.putBan(stage.banOf("c"), 2)).toBe(true);
  });

  it("tell those who read on that they were lifted", async () => {
    await stage.records.putBan(stage.banOf("a"));
    const [{ number } = { number: 0 }] = await stage.records.bansAfter(0, 1);
    expect(await stage.records.liftBan(key("a"), stage.nowMs)).toBe(true);
    expect(await stage.records.bansAfter(number, 10)).toMatchObject([{ addressKey: "a", liftedMs: stage.nowMs }]);
    expect(await stage.records.liftBan(key("a"), stage.nowMs)).toBe(false);
    expect(await stage.records.liftBan(key("nobody"), stage.nowMs)).toBe(false);
    await stage.records.putBan(stage.banOf("expired"));
    expect(await stage.records.liftBan(key("expired"), stage.nowMs + 60_000)).toBe(false);
  });
}
