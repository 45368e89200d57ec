import { expect, it } from "vitest";
import { UNNAMED } from "../../../src/core/case.js";
import { COUNTED_MS, type Report } from "../../../src/core/report.js";
import type { StoreFixture } from "../../support/store-fixture.js";
import { comments, LAST, rules, RecordsHarness } from "./records-harness.js";

export function keeping(create: () => Promise<StoreFixture>): void {
  const harness = RecordsHarness.of(create);

  it("are stored unchanged", async () => {
    const one = harness.reportFrom("a", "b");
    expect(await harness.records.addReport(one, rules)).toMatchObject({ isNew: true, ban: undefined });
    const [kept] = await harness.records.reportsAfter(0, 10);
    expect(kept).toEqual({ ...one, number: kept?.number, resolution: undefined });
  });

  it("are stored once per reporter and match, however often they are repeated", async () => {
    const one = harness.reportFrom("a", "b");
    const { number } = await harness.records.addReport(one, rules);
    const again = { ...one, comment: "again", createdMs: harness.nowMs + 5 };
    expect(await harness.records.addReport(again, rules)).toEqual({ number, isNew: false, ban: undefined });
    await harness.report("b", "a", { matchId: one.matchId });
    expect(comments(await harness.records.reportsAfter(0, 10))).toEqual([one.comment, "“so” rude\n"]);
  });

  it("are listed in order of arrival, in both directions and in pages, even if clocks differ", async () => {
    for (const [index, aheadMs] of [0, 5_000, -5_000, 0, 0].entries()) {
      await harness.report("a", "b", { comment: String(index), createdMs: harness.nowMs + aheadMs });
    }
    const first = await harness.records.reportsAfter(0, 2);
    const second = await harness.records.reportsAfter(first[1]?.number ?? LAST, 2);
    expect(comments([...first, ...second])).toEqual(["0", "1", "2", "3"]);
    const newest = await harness.records.reportsBefore(LAST, 2);
    const older = await harness.records.reportsBefore(newest[1]?.number ?? 0, 10);
    expect(comments([...newest, ...older])).toEqual(["4", "3", "2", "1", "0"]);
    expect(await harness.records.reportsAfter(newest[0]?.number ?? 0, 10)).toEqual([]);
  });

  it("are dropped beyond the limit, the oldest first, and can then be made again", async () => {
    const kept = { all: 3, fromNetwork: 10, counted: 100 };
    const made = ["a", "b", "c", "d", "e"].map((one) => harness.reportFrom(one, "z", { comment: one }));
    for (const one of made) await harness.records.addReport(one, rules, kept);
    expect(comments(await harness.records.reportsAfter(0, 10))).toEqual(["c", "d", "e"]);
    const again = { ...made[0], createdMs: harness.nowMs + COUNTED_MS + 1 } as Report;
    expect(await harness.records.addReport(again, rules, kept)).toMatchObject({ isNew: true });
    expect(comments(await harness.records.reportsBefore(LAST, 10))).toEqual(["a", "e", "d"]);
  });

  it("of one network beyond its limit drop its own oldest ones only", async () => {
    const kept = { all: 6, fromNetwork: 3, counted: 100 };
    await harness.records.addReport(harness.reportFrom("quiet", "z", { comment: "before" }), rules, kept);
    for (let index = 1; index <= 20; index++) {
      await harness.records.addReport(
        harness.reportFrom("loud", `victim-${String(index)}`, { comment: String(index) }),
        rules,
        kept,
      );
    }
    await harness.records.addReport(harness.reportFrom("other", "z", { comment: "after" }), rules, kept);
    expect(comments(await harness.records.reportsAfter(0, 30))).toEqual(["before", "18", "19", "20", "after"]);
  });

  it("are dropped from the network with the most, and counted ones last", async () => {
    const kept = { all: 6, fromNetwork: 10, counted: 100 };
    const add = (from: string, comment: string, about = `about-${comment}`) =>
      harness.records.addReport(
        harness.reportFrom(from, about, { comment, bothHeard: comment.startsWith("counts") }),
        rules,
        kept,
      );
    for (const comment of ["counts-1", "other-1"]) await add("few", comment);
    for (const comment of ["counts-2", "counts-3", "other-2", "other-3", "other-4", "other-5"])
      await add("many", comment);
    const left = ["counts-1", "other-1", "counts-2", "counts-3", "other-4", "other-5"];
    expect(comments(await harness.records.reportsAfter(0, 30))).toEqual(left);
    for (const comment of ["counts-4", "counts-5", "counts-6", "counts-7"]) await add("few", comment);
    expect(comments(await harness.records.reportsAfter(0, 30))).toEqual([
      ...["counts-2", "counts-3", "counts-4", "counts-5", "counts-6", "counts-7"],
    ]);
  });

  it("of all networks of a household are dropped together", async () => {
    const kept = { all: 10, fromNetwork: 2, counted: 100 };
    for (const subnet of ["a", "b", "c"]) {
      await harness.records.addReport(harness.reportFrom(`${subnet}.home.site`, "z", { comment: subnet }), rules, kept);
    }
    expect(comments(await harness.records.reportsAfter(0, 10))).toEqual(["a", "c"]);
  });

  it("that are dropped or deleted make room for others of their network", async () => {
    const kept = { all: 10, fromNetwork: 2, counted: 100 };
    const add = (comment: string) => harness.records.addReport(harness.reportFrom("a", "b", { comment }), rules, kept);
    await add("1");
    await add("2");
    await harness.records.prune({ reportsBeforeMs: harness.nowMs + 500, nowMs: harness.nowMs, limit: 10 });
    harness.nowMs += 1_000;
    for (const comment of ["3", "4", "5"]) await add(comment);
    expect(comments(await harness.records.reportsAfter(0, 10))).toEqual(["4", "5"]);
  });

  it("get consecutive numbers if they arrive concurrently", async () => {
    await Promise.all(Array.from({ length: 50 }, () => harness.report("a", "b")));
    const numbers = (await harness.records.reportsAfter(0, 100)).map(({ number }) => number);
    expect(new Set(numbers).size).toBe(50);
  });

  it("store their latest resolution", async () => {
    await harness.report("a", "b");
    const number = (await harness.records.reportsAfter(0, 1))[0]?.number ?? 0;
    await harness.records.resolveReport(number, { text: "first", resolvedMs: harness.nowMs }, UNNAMED);
    const resolution = { text: "warned", resolvedMs: harness.nowMs + 1 };
    expect(await harness.records.resolveReport(number, resolution, UNNAMED)).toMatchObject({
      number,
      resolution,
      comment: "“so” rude\n",
    });
    expect(await harness.records.reportsBefore(LAST, 1)).toMatchObject([{ number, resolution }]);
    expect(await harness.records.resolveReport(number + 1, resolution, UNNAMED)).toBeUndefined();
  });
}
