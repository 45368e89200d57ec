import { expect, it } from "vitest";
import { COUNTED_MS, type Report } from "../../../src/core/report.js";
import type { Place } from "../../support/place.js";
import { comments, LAST, rules, RecordsStage } from "./stage.js";

export function keeping(create: () => Promise<Place>): void {
  const stage = RecordsStage.of(create);

  it("are kept as they were made", async () => {
    const one = stage.reportFrom("a", "b");
    expect(await stage.records.addReport(one, rules)).toEqual({ isNew: true, ban: undefined });
    const [kept] = await stage.records.reportsAfter(0, 10);
    expect(kept).toEqual({ ...one, number: kept?.number, resolution: undefined });
  });

  it("are kept once per reporter and match, however often they are repeated", async () => {
    const one = stage.reportFrom("a", "b");
    await stage.records.addReport(one, rules);
    const again = { ...one, comment: "again", createdMs: stage.nowMs + 5 };
    expect(await stage.records.addReport(again, rules)).toEqual({ isNew: false, ban: undefined });
    await stage.report("b", "a", { matchId: one.matchId });
    expect(comments(await stage.records.reportsAfter(0, 10))).toEqual([one.comment, "“so” rude\n"]);
  });

  it("are listed in the order they came, both ways and in parts, even when clocks differ", async () => {
    for (const [index, aheadMs] of [0, 5_000, -5_000, 0, 0].entries()) {
      await stage.report("a", "b", { comment: String(index), createdMs: stage.nowMs + aheadMs });
    }
    const first = await stage.records.reportsAfter(0, 2);
    const second = await stage.records.reportsAfter(first[1]?.number ?? LAST, 2);
    expect(comments([...first, ...second])).toEqual(["0", "1", "2", "3"]);
    const newest = await stage.records.reportsBefore(LAST, 2);
    const older = await stage.records.reportsBefore(newest[1]?.number ?? 0, 10);
    expect(comments([...newest, ...older])).toEqual(["4", "3", "2", "1", "0"]);
    expect(await stage.records.reportsAfter(newest[0]?.number ?? 0, 10)).toEqual([]);
  });

  it("are dropped beyond what is kept, the oldest first, and then may be made again", async () => {
    const kept = { all: 3, fromNetwork: 10, counted: 100 };
    const made = ["a", "b", "c", "d", "e"].map((one) => stage.reportFrom(one, "z", { comment: one }));
    for (const one of made) await stage.records.addReport(one, rules, kept);
    expect(comments(await stage.records.reportsAfter(0, 10))).toEqual(["c", "d", "e"]);
    const again = { ...made[0], createdMs: stage.nowMs + COUNTED_MS + 1 } as Report;
    expect(await stage.records.addReport(again, rules, kept)).toMatchObject({ isNew: true });
    expect(comments(await stage.records.reportsBefore(LAST, 10))).toEqual(["a", "e", "d"]);
  });

  it("of one network beyond what is kept of it drop its own oldest, and nobody else's", async () => {
    const kept = { all: 6, fromNetwork: 3, counted: 100 };
    await stage.records.addReport(stage.reportFrom("quiet", "z", { comment: "before" }), rules, kept);
    for (let index = 1; index <= 20; index++) {
      await stage.records.addReport(
        stage.reportFrom("loud", `victim-${String(index)}`, { comment: String(index) }),
        rules,
        kept,
      );
    }
    await stage.records.addReport(stage.reportFrom("other", "z", { comment: "after" }), rules, kept);
    expect(comments(await stage.records.reportsAfter(0, 30))).toEqual(["before", "18", "19", "20", "after"]);
  });

  it("are dropped of the network that made the most, and those that count only when no others are left", async () => {
    const kept = { all: 6, fromNetwork: 10, counted: 100 };
    const add = (from: string, comment: string, about = `about-${comment}`) =>
      stage.records.addReport(
        stage.reportFrom(from, about, { comment, bothHeard: comment.startsWith("counts") }),
        rules,
        kept,
      );
    for (const comment of ["counts-1", "other-1"]) await add("few", comment);
    for (const comment of ["counts-2", "counts-3", "other-2", "other-3", "other-4", "other-5"])
      await add("many", comment);
    const left = ["counts-1", "other-1", "counts-2", "counts-3", "other-4", "other-5"];
    expect(comments(await stage.records.reportsAfter(0, 30))).toEqual(left);
    for (const comment of ["counts-4", "counts-5", "counts-6", "counts-7"]) await add("few", comment);
    expect(comments(await stage.records.reportsAfter(0, 30))).toEqual([
      ...["counts-2", "counts-3", "counts-4", "counts-5", "counts-6", "counts-7"],
    ]);
  });

  it("of all networks of a home are dropped together", async () => {
    const kept = { all: 10, fromNetwork: 2, counted: 100 };
    for (const subnet of ["a", "b", "c"]) {
      await stage.records.addReport(stage.reportFrom(`${subnet}.home.site`, "z", { comment: subnet }), rules, kept);
    }
    expect(comments(await stage.records.reportsAfter(0, 10))).toEqual(["a", "c"]);
  });

  it("that are dropped or forgotten make room for others of their network", async () => {
    const kept = { all: 10, fromNetwork: 2, counted: 100 };
    const add = (comment: string) => stage.records.addReport(stage.reportFrom("a", "b", { comment }), rules, kept);
    await add("1");
    await add("2");
    await stage.records.prune({ reportsBeforeMs: stage.nowMs + 500, nowMs: stage.nowMs, limit: 10 });
    stage.nowMs += 1_000;
    for (const comment of ["3", "4", "5"]) await add(comment);
    expect(comments(await stage.records.reportsAfter(0, 10))).toEqual(["4", "5"]);
  });

  it("get numbers that go on when they come at once", async () => {
    await Promise.all(Array.from({ length: 50 }, () => stage.report("a", "b")));
    const numbers = (await stage.records.reportsAfter(0, 100)).map(({ number }) => number);
    expect(new Set(numbers).size).toBe(50);
  });

  it("keep the latest note of what became of them", async () => {
    await stage.report("a", "b");
    const number = (await stage.records.reportsAfter(0, 1))[0]?.number ?? 0;
    await stage.records.resolveReport(number, { text: "first", resolvedMs: stage.nowMs });
    const resolution = { text: "warned", resolvedMs: stage.nowMs + 1 };
    expect(await stage.records.resolveReport(number, resolution)).toMatchObject({
      number,
      resolution,
      comment: "“so” rude\n",
    });
    expect(await stage.records.reportsBefore(LAST, 1)).toMatchObject([{ number, resolution }]);
    expect(await stage.records.resolveReport(number + 1, resolution)).toBeUndefined();
  });
}
