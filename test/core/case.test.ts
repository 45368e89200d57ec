import { describe, expect, it } from "vitest";
import {
  type Case,
  type CaseAct,
  caseKeyOf,
  decide,
  isWanted,
  LEASE_MS,
  type Moderator,
  openedCase,
  priorityOf,
  queueFor,
  queuesOf,
  reporterKeysOf,
  stateOf,
  weightOf,
  withReport,
} from "../../src/core/case.js";
import type { MatchId, NetworkKey, PersonKey, SessionId } from "../../src/core/ids.js";
import { limits } from "../../src/core/limits.js";
import type { Report } from "../../src/core/report.js";

const [ann, bob] = ["ann", "bob"] as [Moderator, Moderator];
const NOW_MS = 1_800_000_000_000;
const report: Report = {
  reporterId: "session" as SessionId,
  reporterKey: "home.wide" as NetworkKey,
  reportedKey: "net" as NetworkKey,
  matchId: "match" as MatchId,
  bothHeard: true,
  reason: "spam",
  comment: "",
  matchStartMs: NOW_MS,
  createdMs: NOW_MS,
};
const opened: Case = withReport(openedCase(1, report), report, weightOf());
const claimed: Case = { ...opened, lease: { by: ann, untilMs: NOW_MS + LEASE_MS } };
const claim = (by: Moderator, atMs = NOW_MS): CaseAct => ({ type: "claim", by, atMs });

describe("a case", () => {
  it.each([
    ["~person.^browser.net", "~person"],
    ["^browser.net.wide", "^browser"],
    ["net.wider.widest", "net"],
  ])("about %s is about %s", (reportedKey, about) => {
    expect(caseKeyOf(reportedKey as NetworkKey)).toBe(about);
  });

  it("is in review until the lease ends", () => {
    expect(stateOf(opened, NOW_MS)).toBe("open");
    expect(stateOf(claimed, NOW_MS + LEASE_MS - 1)).toBe("in_review");
    expect(stateOf(claimed, NOW_MS + LEASE_MS)).toBe("open");
  });

  it("is in the queue that each filter searches, and passes the filter", () => {
    const resolved = { ...opened, resolution: { by: bob, outcome: "banned", text: "", atMs: 0 } } as const;
    const wanted = [
      [opened, {}],
      [opened, { state: "open", reason: "spam" }],
      [claimed, { state: "in_review" }],
      [claimed, { moderator: ann, reason: "spam" }],
      [resolved, { state: "resolved", moderator: bob }],
      [resolved, { state: "resolved", reason: "spam" }],
    ] as const;
    for (const [found, filter] of wanted) {
      expect(queuesOf(found)).toContain(queueFor(filter));
      expect(isWanted(found, filter, NOW_MS)).toBe(true);
    }
    expect(isWanted(claimed, { state: "open" }, NOW_MS)).toBe(false);
    expect(isWanted(claimed, { moderator: ann, reason: "minor" }, NOW_MS)).toBe(false);
    expect(isWanted(claimed, { moderator: ann }, NOW_MS + LEASE_MS)).toBe(false);
  });
});

describe("the priority", () => {
  it("rises with the severity, and with reporters less than with it", () => {
    const minor = priorityOf({ reason: "minor", weight: 500 });
    const crowd = priorityOf({ reason: "other", weight: limits.caseReporters * 999 });
    expect(minor).toBeGreaterThan(crowd);
    expect(priorityOf({ reason: "spam", weight: 1_000 })).toBeGreaterThan(priorityOf({ reason: "spam", weight: 500 }));
  });

  it("counts a new reporter medium, and one with 1,000 unfounded reports almost nothing", () => {
    expect(weightOf()).toBe(500);
    expect(weightOf({ resolved: 1_000, acted: 1_000 })).toBe(999);
    const unfounded = weightOf({ resolved: 1_000, acted: 0 });
    expect(unfounded).toBeLessThan(2);
    expect(priorityOf({ reason: "minor", weight: unfounded })).toBeLessThan(
      priorityOf({ reason: "other", weight: weightOf() }),
    );
  });

  it("is not changed by a reporter that is not independent", () => {
    const again = withReport(opened, { ...report, reason: "minor" }, undefined);
    expect(priorityOf(again)).toBe(priorityOf(opened));
    expect(again).toMatchObject({ reports: 2, reporters: 1 });
    const person = { ...report, reporterPerson: "~person" as PersonKey };
    expect([reporterKeysOf(report), reporterKeysOf(person)]).toEqual([["wide"], ["wide", "~person"]]);
  });
});

describe("a moderator", () => {
  it("claims an open case, and one whose lease has ended", () => {
    expect(decide(opened, claim(ann), undefined)).toMatchObject({ next: { lease: { by: ann } } });
    expect(decide(claimed, claim(bob), undefined)).toEqual({ refused: "taken" });
    expect(decide(claimed, claim(bob, NOW_MS + LEASE_MS), undefined)).toMatchObject({ next: { lease: { by: bob } } });
  });

  it("prolongs the lease with a further claim", () => {
    const untilMs = NOW_MS + 1_000 + LEASE_MS;
    expect(decide(claimed, claim(ann, NOW_MS + 1_000), undefined)).toMatchObject({ next: { lease: { untilMs } } });
  });

  it("resolves only while holding the lease", () => {
    const resolve = (atMs: number): CaseAct => ({ type: "resolve", by: ann, atMs, outcome: "warned", text: "" });
    expect(decide(opened, resolve(NOW_MS), undefined)).toEqual({ refused: "unclaimed" });
    expect(decide(claimed, resolve(NOW_MS + LEASE_MS), undefined)).toEqual({ refused: "unclaimed" });
    const resolution = { by: ann, outcome: "warned", text: "", atMs: NOW_MS };
    expect(decide(claimed, resolve(NOW_MS), undefined)).toEqual({ next: { ...claimed, lease: undefined, resolution } });
  });
});
