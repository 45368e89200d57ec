import { expect, it } from "vitest";
import { LEASE_MS, priorityOf } from "../../../src/core/case.js";
import type { PersonKey } from "../../../src/core/ids.js";
import type { StoreFixture } from "../../support/store-fixture.js";
import { comments, LAST, RecordsHarness, rules } from "../records/records-harness.js";
import { act, ann, onlyCase, queue, resolve } from "./case-actions.js";

export function gathering(create: () => Promise<StoreFixture>): void {
  const harness = RecordsHarness.of(create);

  it("about a person, else a browser, else a network", async () => {
    for (const reported of ["~person", "^browser.net", "net.wide", "^browser.other"])
      await harness.report("a", reported);
    const keys = (await queue(harness)).map(({ reportedKey, reports }) => [reportedKey, reports]);
    expect(keys).toEqual([
      ["~person", 1],
      ["^browser", 2],
      ["net", 1],
    ]);
  });

  it("with the gravest reason, and the weight of all independent reporters", async () => {
    await harness.report("a", "x", { reason: "spam" });
    await harness.report("b", "x", { reason: "violence" });
    await harness.report("c", "x", { reason: "harassment" });
    expect(await onlyCase(harness)).toMatchObject({ reason: "violence", reporters: 3, reports: 3, weight: 1_500 });
  });

  it("of which a second by the same network or person raises nothing", async () => {
    const reporterPerson = "~reporter" as PersonKey;
    await harness.report("home.wide", "x", { reporterPerson });
    const { revision } = await onlyCase(harness);
    await harness.report("other-home.wide", "x", { reason: "minor" });
    await harness.report("elsewhere", "x", { reporterPerson, reason: "minor" });
    const found = await onlyCase(harness);
    expect(found).toMatchObject({ reason: "spam", reporters: 1, reports: 3, weight: 500 });
    expect(found.revision).toBeGreaterThan(revision);
  });

  it("once, if a report is stored again", async () => {
    const report = harness.reportFrom("a", "x");
    await harness.records.addReport(report, rules);
    await harness.records.addReport(report, rules);
    expect(await onlyCase(harness)).toMatchObject({ reports: 1 });
  });

  it("up to 100 reporters", async () => {
    for (let index = 0; index < 102; index++) await harness.report(`reporter-${String(index)}`, "x");
    expect(await onlyCase(harness)).toMatchObject({ reporters: 100, reports: 102, weight: 50_000 });
  });

  it("which are listed in pages, the newest first", async () => {
    for (const comment of ["1", "2", "3"]) await harness.report(comment, "x", { comment });
    await harness.report("a", "y", { comment: "about another" });
    const { number } = (await queue(harness))[0] ?? { number: 0 };
    const newest = await harness.cases.reportsOf(number, LAST, 2);
    expect(comments(newest)).toEqual(["3", "2"]);
    expect(comments(await harness.cases.reportsOf(number, newest[1]?.number ?? 0, 2))).toEqual(["1"]);
    expect(await harness.cases.reportsOf(number + 1_000_000, LAST, 2)).toEqual([]);
  });

  it("and no longer list a report that was dropped", async () => {
    await harness.report("a", "x", { comment: "old" });
    await harness.records.prune({ reportsBeforeMs: harness.nowMs + 1, nowMs: harness.nowMs, limit: 10 });
    harness.nowMs += 10;
    await harness.report("b", "x", { comment: "new" });
    const { number } = await onlyCase(harness);
    expect(comments(await harness.cases.reportsOf(number, LAST, 10))).toEqual(["new"]);
  });

  it("anew after a case is resolved, weighed by how the reporter's earlier reports ended", async () => {
    const reporterPerson = "~liar" as PersonKey;
    for (const outcome of ["no_violation", "no_violation", "banned"] as const) {
      await harness.report("a", "x", { reporterPerson });
      await resolve(harness, await onlyCase(harness), outcome);
    }
    const former = await harness.cases.casesIn("resolved", undefined, 10);
    expect(former.map(({ weight }) => weight).sort((one, other) => one - other)).toEqual([250, 333, 500]);
    await harness.report("b", "x", { reporterPerson });
    expect(await onlyCase(harness)).toMatchObject({ weight: 400, reports: 1 });
    await harness.report("a", "y");
    expect((await queue(harness)).map(({ weight }) => weight)).toEqual([400, 400]);
  });

  it("in an event and an entry of the audit log, also an automatic ban", async () => {
    for (const reporter of ["a", "b", "c"]) await harness.report(reporter, "x");
    const { number, openedMs } = await onlyCase(harness);
    const opened = { type: "case_opened", case: number, reportedKey: "x", reason: "spam" };
    const events = await harness.events();
    expect(events.map(({ type }) => type)).toEqual([
      ...["report_filed", "case_opened", "report_filed", "report_filed", "banned"],
    ]);
    expect(events[1]).toEqual(opened);
    const entries = await harness.cases.auditBefore(LAST, 10);
    expect(entries).toMatchObject([
      { act: "banned", by: "", case: number, detail: "x", atMs: openedMs },
      { act: "case_opened", by: "", case: number, detail: "x", atMs: openedMs },
    ]);
    expect(await harness.cases.auditBefore(entries[0]?.number ?? 0, 10)).toEqual(entries.slice(1));
  });

  it("while they are reviewed", async () => {
    await harness.report("a", "x");
    await act(harness, await onlyCase(harness), { type: "claim", by: ann });
    await harness.report("b", "x");
    expect(await onlyCase(harness)).toMatchObject({ lease: { by: ann }, reports: 2 });
    harness.nowMs += LEASE_MS;
    await harness.report("c", "x");
    expect((await onlyCase(harness)).lease).toBeUndefined();
    expect(await harness.cases.casesIn("unresolved leased", undefined, 10)).toEqual([]);
    expect(priorityOf(await onlyCase(harness))).toBe(387);
  });
}
