import { expect, it } from "vitest";
import { UNNAMED } from "../../../src/core/case.js";
import type { DeviceKey, PersonKey } from "../../../src/core/ids.js";
import { limits } from "../../../src/core/limits.js";
import { keptReports } from "../../../src/core/report.js";
import type { StoreFixture } from "../../support/store-fixture.js";
import { LAST, RecordsHarness, rules } from "../records/records-harness.js";
import { onlyCase, resolve } from "./case-actions.js";

const ann = "~ann" as PersonKey;
const browser = "^browser" as DeviceKey;

export function answering(create: () => Promise<StoreFixture>): void {
  const harness = RecordsHarness.of(create);
  const add = async (from: string, about: string, by: { reporterPerson?: PersonKey; reporterDevice?: DeviceKey }) =>
    (await harness.records.addReport(harness.reportFrom(from, about, by), rules)).number;
  const end = async (outcome: "banned" | "no_violation") => resolve(harness, await onlyCase(harness), outcome);

  it("once their case is resolved, the person, else the browser", async () => {
    const createdMs = harness.nowMs;
    const byAnn = await add("a", "x", { reporterPerson: ann, reporterDevice: browser });
    const byBrowser = await add("b", "x", { reporterDevice: browser });
    await add("c", "x", {});
    expect(await harness.records.answersFor(ann)).toEqual([]);
    harness.nowMs += 1_000;
    await end("banned");
    expect(await harness.records.answersFor(ann)).toEqual([{ report: byAnn, actedOn: true, createdMs }]);
    expect(await harness.records.answersFor(browser)).toEqual([{ report: byBrowser, actedOn: true, createdMs }]);
  });

  it("with what each case led to, the latest report first, until it is seen", async () => {
    const first = await add("a", "x", { reporterPerson: ann });
    await end("no_violation");
    const second = await add("a", "y", { reporterPerson: ann });
    await end("banned");
    const open = await add("a", "z", { reporterPerson: ann });
    const answers = await harness.records.answersFor(ann);
    expect(answers.map(({ report, actedOn }) => [report, actedOn])).toEqual([
      [second, true],
      [first, false],
    ]);
    await harness.records.markSeen(browser, [first]);
    expect(await harness.records.answersFor(ann)).toHaveLength(2);
    for (let times = 0; times < 2; times++) await harness.records.markSeen(ann, [second, open + 1]);
    expect(await harness.records.answersFor(ann)).toMatchObject([{ report: first }]);
  });

  it("with a resolution for each report, which does not replace that of a moderator", async () => {
    const [own] = [await add("a", "x", {}), await add("b", "x", {})];
    await harness.records.resolveReport(own, { text: "seen before", resolvedMs: harness.nowMs }, UNNAMED);
    harness.nowMs += 1_000;
    const answer = await end("no_violation");
    const reports = await harness.records.reportsBefore(LAST, 10);
    const texts = reports.map(({ resolution }) => resolution);
    expect(texts).toEqual([
      { text: "seen", resolvedMs: harness.nowMs },
      { text: "seen before", resolvedMs: harness.nowMs - 1_000 },
    ]);
    const number = answer.state === "done" ? answer.case.number : 0;
    expect(await harness.cases.reportsOf(number, LAST, 10)).toEqual(reports);
  });

  it("as long as their reports are kept", async () => {
    await add("a", "x", { reporterPerson: ann });
    await end("banned");
    const kept = { ...keptReports, fromNetwork: 1 };
    await harness.records.addReport(harness.reportFrom("a", "y"), rules, kept);
    expect(await harness.records.answersFor(ann)).toEqual([]);
  });

  it("about a limited number of reports at a time", async () => {
    const reports = Array.from({ length: limits.answeredReports + 1 }, () => add("a", "x", { reporterPerson: ann }));
    const numbers = (await Promise.all(reports)).sort((one, other) => other - one);
    await end("banned");
    const answers = await harness.records.answersFor(ann);
    expect(answers.map(({ report }) => report)).toEqual(numbers.slice(0, limits.answeredReports));
    await harness.records.markSeen(ann, numbers.slice(0, 100));
    expect(await harness.records.answersFor(ann)).toMatchObject([{ report: numbers.at(-1) }]);
  });
}
