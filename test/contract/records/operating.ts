import { expect, it } from "vitest";
import { type Moderator, UNNAMED } from "../../../src/core/case.js";
import { COUNTED_MS } from "../../../src/core/report.js";
import type { StoreFixture } from "../../support/store-fixture.js";
import { key, LAST, RecordsHarness } from "./records-harness.js";

export function operating(create: () => Promise<StoreFixture>): void {
  const harness = RecordsHarness.of(create);

  it("replace the previous ban of the network", async () => {
    for (const ban of [harness.banOf("a"), harness.banOf("b"), harness.banOf("a", { reason: "again" })])
      await harness.records.putBan(ban, UNNAMED);
    expect(await harness.bans()).toEqual([harness.banOf("b"), harness.banOf("a", { reason: "again" })]);
  });

  it("are listed in order of arrival, in both directions and in pages", async () => {
    for (const network of ["a", "b", "c"]) await harness.records.putBan(harness.banOf(network), UNNAMED);
    const newest = await harness.records.bansBefore(LAST, 2);
    const older = await harness.records.bansBefore(newest[1]?.number ?? 0, 2);
    expect([...newest, ...older].map(({ addressKey }) => addressKey)).toEqual(["c", "b", "a"]);
  });

  it("are stored for a limited number of networks; existing ones can be changed and deleted", async () => {
    for (const network of ["a", "b"])
      expect(await harness.records.putBan(harness.banOf(network), UNNAMED, 2)).toBe(true);
    expect(await harness.records.putBan(harness.banOf("c"), UNNAMED, 2)).toBe(false);
    expect(await harness.records.liftBan(key("c"), harness.nowMs, UNNAMED, 2)).toBe("full");
    const again = harness.banOf("a", { reason: "again" });
    expect(await harness.records.putBan(again, UNNAMED, 2)).toBe(true);
    expect(await harness.records.liftBan(key("b"), harness.nowMs, UNNAMED, 2)).toBe(true);
    expect((await harness.bans()).map(({ addressKey }) => addressKey)).toEqual(["a", "b"]);
    await harness.records.prune({ reportsBeforeMs: 0, nowMs: harness.nowMs + COUNTED_MS, limit: 10 });
    expect(await harness.records.putBan(harness.banOf("c"), UNNAMED, 2)).toBe(true);
  });

  it("appear as lifted to later reads", async () => {
    await harness.records.putBan(harness.banOf("a"), UNNAMED);
    const [{ number } = { number: 0 }] = await harness.records.bansAfter(0, 1);
    expect(await harness.records.liftBan(key("a"), harness.nowMs, UNNAMED)).toBe(true);
    expect(await harness.records.bansAfter(number, 10)).toMatchObject([{ addressKey: "a", liftedMs: harness.nowMs }]);
    expect(await harness.records.liftBan(key("a"), harness.nowMs, UNNAMED)).toBe(false);
    expect(await harness.records.liftBan(key("nobody"), harness.nowMs, UNNAMED)).toBe(false);
    await harness.records.putBan(harness.banOf("expired"), UNNAMED);
    expect(await harness.records.liftBan(key("expired"), harness.nowMs + 60_000, UNNAMED)).toBe(false);
  });

  it("and resolved reports are in the audit log, with who did it", async () => {
    const [ann, bob] = ["ann" as Moderator, 'bob "%s"' as Moderator];
    await harness.report("x", "y");
    const [{ number } = { number: 0 }] = await harness.records.reportsAfter(0, 1);
    await harness.records.resolveReport(number, { text: "seen", resolvedMs: harness.nowMs }, bob);
    await harness.records.resolveReport(number + 1, { text: "seen", resolvedMs: harness.nowMs }, bob);
    await harness.records.putBan(harness.banOf("a"), ann, 1);
    await harness.records.putBan(harness.banOf("b"), ann, 1);
    await harness.records.liftBan(key("a"), harness.nowMs + 1, bob, 1);
    await harness.records.liftBan(key("b"), harness.nowMs + 1, bob, 1);
    const entries = (await harness.cases.auditBefore(LAST, 10)).filter(({ by }) => by !== "");
    expect(entries).toHaveLength(3);
    expect(entries).toMatchObject([
      { act: "unbanned", by: bob, detail: "a", atMs: harness.nowMs + 1 },
      { act: "banned", by: ann, detail: "a", atMs: harness.nowMs },
      { act: "report_resolved", by: bob, report: number, detail: "", atMs: harness.nowMs },
    ]);
  });
}
