import { expect, it } from "vitest";
import { COUNTED_MS } from "../../../src/core/report.js";
import type { StoreFixture } from "../../support/store-fixture.js";
import { key, LAST, RecordsHarness } from "./records-harness.js";

export function operating(create: () => Promise<StoreFixture>): void {
  const harness = RecordsHarness.of(create);

  it("replace the previous ban of the network", async () => {
    for (const ban of [harness.banOf("a"), harness.banOf("b"), harness.banOf("a", { reason: "again" })])
      await harness.records.putBan(ban);
    expect(await harness.bans()).toEqual([harness.banOf("b"), harness.banOf("a", { reason: "again" })]);
  });

  it("are listed in order of arrival, in both directions and in pages", async () => {
    for (const network of ["a", "b", "c"]) await harness.records.putBan(harness.banOf(network));
    const newest = await harness.records.bansBefore(LAST, 2);
    const older = await harness.records.bansBefore(newest[1]?.number ?? 0, 2);
    expect([...newest, ...older].map(({ addressKey }) => addressKey)).toEqual(["c", "b", "a"]);
  });

  it("are stored for a limited number of networks; existing ones can be changed and deleted", async () => {
    for (const network of ["a", "b"]) expect(await harness.records.putBan(harness.banOf(network), 2)).toBe(true);
    expect(await harness.records.putBan(harness.banOf("c"), 2)).toBe(false);
    expect(await harness.records.liftBan(key("c"), harness.nowMs, 2)).toBe("full");
    const again = harness.banOf("a", { reason: "again" });
    expect(await harness.records.putBan(again, 2)).toBe(true);
    expect(await harness.records.liftBan(key("b"), harness.nowMs, 2)).toBe(true);
    expect((await harness.bans()).map(({ addressKey }) => addressKey)).toEqual(["a", "b"]);
    await harness.records.prune({ reportsBeforeMs: 0, nowMs: harness.nowMs + COUNTED_MS, limit: 10 });
    expect(await harness.records.putBan(harness.banOf("c"), 2)).toBe(true);
  });

  it("appear as lifted to later reads", async () => {
    await harness.records.putBan(harness.banOf("a"));
    const [{ number } = { number: 0 }] = await harness.records.bansAfter(0, 1);
    expect(await harness.records.liftBan(key("a"), harness.nowMs)).toBe(true);
    expect(await harness.records.bansAfter(number, 10)).toMatchObject([{ addressKey: "a", liftedMs: harness.nowMs }]);
    expect(await harness.records.liftBan(key("a"), harness.nowMs)).toBe(false);
    expect(await harness.records.liftBan(key("nobody"), harness.nowMs)).toBe(false);
    await harness.records.putBan(harness.banOf("expired"));
    expect(await harness.records.liftBan(key("expired"), harness.nowMs + 60_000)).toBe(false);
  });
}
