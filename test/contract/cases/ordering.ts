import fc from "fast-check";
import { expect, it } from "vitest";
import { type Case, type CasePlace, placeOf, queueFor, queuesOf, severities } from "../../../src/core/case.js";
import type { ReportReason } from "../../../src/core/report.js";
import type { StoreFixture } from "../../support/store-fixture.js";
import { RecordsHarness } from "../records/records-harness.js";
import { act, ann, bob, queue } from "./case-actions.js";

const reasons = Object.keys(severities) as ReportReason[];
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.tuple(fc.constant("report"), fc.nat(9), fc.nat(5), fc.constantFrom(...reasons)) },
    fc.tuple(fc.constantFrom("claim", "release", "banned", "no_violation"), fc.nat(9), fc.nat(1), fc.constant("spam")),
  ),
  { minLength: 1, maxLength: 60 },
);

export function ordering(create: () => Promise<StoreFixture>): void {
  const harness = RecordsHarness.of(create);

  it("by priority, then by age, in pages", async () => {
    const filed: [string, ReportReason][] = [
      ["a", "spam"],
      ["b", "minor"],
      ["c", "spam"],
      ["d", "violence"],
    ];
    for (const [reported, reason] of filed) await harness.report("r", reported, { reason });
    const pages: string[][] = [];
    for (let after: CasePlace | undefined; ;) {
      const page = await harness.cases.casesIn("unresolved", after, 3);
      pages.push(page.map(({ reportedKey }) => reportedKey));
      const last = page.at(-1);
      if (last === undefined) break;
      after = placeOf(last);
    }
    expect(pages).toEqual([["b", "d", "a"], ["c"], []]);
    expect(await harness.cases.casesIn("unresolved spam", undefined, 9)).toMatchObject([
      { reportedKey: "a" },
      { reportedKey: "c" },
    ]);
  });

  it("with a stable place while other cases come and go", async () => {
    for (const reported of ["a", "b", "c", "d"]) await harness.report("r", reported);
    const [, b] = await queue(harness);
    await harness.report("r", "new", { reason: "minor" });
    await harness.report("r2", "a");
    const rest = await harness.cases.casesIn("unresolved", b && placeOf(b), 9);
    expect(rest.map(({ reportedKey }) => reportedKey)).toEqual(["c", "d"]);
  });

  it("like a plain reference, after random reports, claims and resolutions", async () => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (some) => {
        const prefix = `run-${String(++runs)}-`;
        for (const step of some) await take(harness, prefix, step);
        const all = await harness.cases.casesAfter(0, 1_000);
        const expected = (name: string) => all.filter((one) => queuesOf(one).includes(name)).sort(byPlace);
        const moderators = [ann, bob].map((moderator) => queueFor({ moderator }));
        const names = [
          "unresolved",
          "resolved",
          "unresolved leased",
          ...moderators,
          ...reasons.map((r) => `unresolved ${r}`),
        ];
        for (const name of names) expect(await harness.cases.casesIn(name, undefined, 1_000)).toEqual(expected(name));
      }),
      { numRuns: 5 },
    );
  });
}

function byPlace(one: Case, other: Case): number {
  const [first, second] = [placeOf(one), placeOf(other)];
  return second.priority - first.priority || first.number - second.number;
}

async function take(
  harness: RecordsHarness,
  prefix: string,
  [what, which, who, reason]: readonly [string, number, number, string],
): Promise<void> {
  if (what === "report") {
    await harness.report(`${prefix}${String(who)}`, `${prefix}${String(which)}`, { reason: reason as ReportReason });
    return;
  }
  const found = await queue(harness);
  const one = found[which % Math.max(found.length, 1)];
  if (one === undefined) return;
  const by = who === 0 ? ann : bob;
  if (what === "claim" || what === "release") await act(harness, one, { type: what, by });
  else {
    await act(harness, one, { type: "claim", by });
    await act(harness, one, { type: "resolve", by, outcome: what as "banned", text: "" });
  }
}
