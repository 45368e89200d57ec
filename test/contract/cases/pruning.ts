import { expect, it } from "vitest";
import type { StoreFixture } from "../../support/store-fixture.js";
import { LAST, RecordsHarness, rules } from "../records/records-harness.js";
import { act, ann, onlyCase, queue, resolve } from "./case-actions.js";

export function pruning(create: () => Promise<StoreFixture>): void {
  const harness = RecordsHarness.of(create);
  const keys = async () => (await queue(harness)).map(({ reportedKey }) => reportedKey);
  const prune = (due: { casesBeforeMs?: number; auditBeforeMs?: number }, limit = 10) =>
    harness.cases.prune({ casesBeforeMs: 0, auditBeforeMs: 0, ...due, limit });

  it("when they have not changed for long, in steps", async () => {
    for (const reported of ["a", "b", "c", "d"]) await harness.report("r", reported);
    const [first] = await queue(harness);
    const casesBeforeMs = harness.nowMs + 500;
    harness.nowMs += 1_000;
    if (first !== undefined) await act(harness, first, { type: "note", by: ann, text: "wait" });
    expect(await prune({ casesBeforeMs }, 2)).toBe(true);
    expect(await prune({ casesBeforeMs }, 2)).toBe(false);
    expect(await keys()).toEqual(["a"]);
    expect(await harness.cases.casesAfter(0, 10)).toHaveLength(1);
    await harness.report("r", "b");
    expect(await queue(harness)).toMatchObject([{ reportedKey: "a" }, { reportedKey: "b", reports: 1, reporters: 1 }]);
  });

  it("with their notes", async () => {
    await harness.report("r", "a");
    const found = await onlyCase(harness);
    await act(harness, found, { type: "note", by: ann, text: "wait" });
    await prune({ casesBeforeMs: harness.nowMs + 1 });
    expect(await harness.cases.getCase(found.number)).toBeUndefined();
    expect(await harness.cases.auditBefore(LAST, 10)).toHaveLength(2);
  });

  it("beyond their limit: the last resolved one, else the last of the queue", async () => {
    const kept = { all: 100, fromNetwork: 100, counted: 100, cases: 2 };
    const add = async (reported: string, reason: "minor" | "spam") =>
      harness.records.addReport(harness.reportFrom("r", reported, { reason }), rules, kept);
    await add("a", "minor");
    await resolve(harness, await onlyCase(harness), "banned");
    await add("b", "spam");
    await add("c", "minor");
    expect(await harness.cases.casesIn("resolved", undefined, 10)).toEqual([]);
    expect(await keys()).toEqual(["c", "b"]);
    await add("d", "minor");
    expect(await keys()).toEqual(["c", "d"]);
  });

  it("while entries of the audit log go by their age alone", async () => {
    await harness.report("r", "a");
    harness.nowMs += 1_000;
    await act(harness, await onlyCase(harness), { type: "claim", by: ann });
    await prune({ auditBeforeMs: harness.nowMs });
    expect(await harness.cases.auditBefore(LAST, 10)).toMatchObject([{ act: "case_claimed" }]);
    expect(await keys()).toEqual(["a"]);
  });
}
