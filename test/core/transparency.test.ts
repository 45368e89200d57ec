import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ACTION_KINDS } from "../../src/core/action.js";
import type { AuditEntry } from "../../src/core/audit.js";
import { outcomes, UNNAMED } from "../../src/core/case.js";
import { revisionAt } from "../../src/core/revision.js";
import { AuditFigures, decisionIn, isWithin, Times } from "../../src/core/transparency.js";

const period = { startMs: 1_000_000, endMs: 2_000_000 };
const own = { source: "own_initiative", ground: undefined } as const;

const entry = (act: string, atMs: number, more: Partial<AuditEntry> = {}) =>
  ({ act, atMs, number: revisionAt(atMs), by: "ann", detail: "", ...more }) as AuditEntry;

/** Figures from a log, of which the oldest entry comes first. */
function figuresOf(log: readonly AuditEntry[]): AuditFigures {
  const figures = new AuditFigures(period);
  for (const one of [...log].sort((a, b) => b.atMs - a.atMs)) {
    figures.add(one);
    const decision = isWithin(period, one.atMs) ? decisionIn(one) : undefined;
    if (decision !== undefined) figures.addDecision(decision, own);
  }
  return figures;
}

describe("times", () => {
  const timesOf = (...all: number[]) => {
    const times = new Times();
    for (const ms of all) times.add(ms);
    return times;
  };

  it("have no percentile if there are none", () => {
    expect(timesOf().percentile(0.5)).toBeUndefined();
  });

  it("have a median and a percentile that are one of them", () => {
    const times = timesOf(...[10, 1, 2, 3, 9, 4, 8, 5, 7, 6].map((minutes) => minutes * 60_000));
    expect([times.count, times.percentile(0.5), times.percentile(0.9)]).toEqual([10, 300_000, 540_000]);
    expect(timesOf(3, 1, 2).percentile(0.5)).toBe(2);
    expect(timesOf(7).percentile(0.9)).toBe(7);
  });

  it("are like the sorted ones, within half a percent", () => {
    const ms = fc.integer({ min: 0, max: 400 * 24 * 60 * 60_000 });
    const share = fc.constantFrom(0.5, 0.9);
    fc.assert(
      fc.property(fc.array(ms, { minLength: 1 }), share, (all, part) => {
        const sorted = all.toSorted((one, other) => one - other);
        const exact = sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
        const rounded = timesOf(...all).percentile(part) ?? -1;
        expect(Math.abs(rounded - exact)).toBeLessThanOrEqual(exact * 0.005);
      }),
    );
  });
});

describe("the figures of an audit log", () => {
  it("agree with the log, whatever it contains", () => {
    const key = fc.constantFrom("~pat", "^browser", "network");
    const by = fc.constantFrom("", "ann", "bob", UNNAMED);
    const atMs = fc.integer({ min: period.startMs - 500_000, max: period.endMs + 500_000 });
    const act = fc.oneof(
      fc.record({ act: fc.constant("banned"), detail: key }),
      fc.record({
        act: fc.constant("action_taken"),
        detail: fc.tuple(fc.constantFrom(...ACTION_KINDS), key).map((words) => words.join(" ")),
      }),
      fc.record({ act: fc.constant("case_resolved"), detail: fc.constantFrom(...outcomes), case: fc.constant(1e9) }),
      fc.record({ act: fc.constantFrom("unbanned", "note_added", "case_opened"), detail: key }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(act, by, atMs)), (acts) => {
        const log = acts.map(([what, who, ms]) => entry(what.act, ms, { ...what, by: who } as Partial<AuditEntry>));
        const inPeriod = log.filter((one) => one.atMs >= period.startMs && one.atMs < period.endMs);
        const count = (...names: string[]) => inPeriod.filter((one) => names.includes(one.act)).length;
        const figures = figuresOf(log);
        const sum = (numbers: Iterable<number>) => [...numbers].reduce((all, one) => all + one, 0);
        const decisions = figures.decisions.map((one) => one.count);
        expect(sum(decisions)).toBe(count("banned", "action_taken"));
        const automated = figures.decisions.filter((one) => one.automated).map((one) => one.count);
        expect(sum(automated)).toBe(inPeriod.filter((one) => one.by === "" && decisionIn(one) !== undefined).length);
        expect(sum(figures.outcomes.values())).toBe(count("case_resolved"));
        expect(figures.caseTimes.count).toBe(count("case_resolved"));
        const named = inPeriod.map((one) => one.by).filter((name) => name === "ann" || name === "bob");
        expect(figures.moderators).toBe(new Set(named).size);
      }),
    );
  });

  it("tell people, browsers and networks, and rules and moderators, apart", () => {
    const decided = (detail: string, by: string) => entry("action_taken", 1_500_000, { detail, by } as never);
    const lines = ["warn ~p", "warn ~q", "no_tips ^b", "no_tips n"].map((detail) => decided(detail, "ann"));
    const { decisions } = figuresOf([...lines, entry("banned", 1_500_000, { detail: "n", by: "", case: 1 })]);
    const short = decisions.map(({ measure, target, automated, count }) => [measure, target, automated, count]);
    expect(short.sort()).toEqual([
      ["ban", "network", true, 1],
      ["no_tips", "browser", false, 1],
      ["no_tips", "network", false, 1],
      ["warn", "person", false, 2],
    ]);
  });

  it("have the time from the first report of a case to its resolution", () => {
    const resolved = (openedMs: number, atMs: number) =>
      entry("case_resolved", atMs, { case: revisionAt(openedMs), detail: "warned" });
    const { caseTimes } = figuresOf([resolved(900_000, 1_000_000), resolved(1_500_000, 1_530_000)]);
    expect([caseTimes.percentile(0.5), caseTimes.percentile(0.9)]).toEqual([30_000, 100_000]);
  });
});

describe("appeals", () => {
  it("are counted, with the time to the decision of those decided in the period", () => {
    const appeals = [
      entry("appeal_filed", 990_000, { detail: "early" }),
      entry("appeal_filed", 1_100_000, { detail: "a" }),
      entry("appeal_upheld", 1_100_500, { detail: "a" }),
      entry("appeal_reversed", 1_200_000, { detail: "early" }),
      entry("appeal_filed", 1_900_000, { detail: "late" }),
      entry("appeal_reversed", 2_000_000, { detail: "late" }),
    ];
    const figures = figuresOf(appeals);
    expect(figures.appeals).toEqual({ created: 2, upheld: 1, reversed: 1 });
    expect([figures.appealTimes.count, figures.appealTimes.percentile(0.9)]).toEqual([2, 210_000]);
    expect(figures.needsOlder).toBe(false);
    expect(figuresOf(appeals.slice(2)).needsOlder).toBe(true);
  });
});
