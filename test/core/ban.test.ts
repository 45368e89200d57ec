import { describe, expect, it } from "vitest";
import { automaticBan, type Ban, countsSinceMs, isInForce, lifted, rememberedUntilMs } from "../../src/core/ban.js";
import type { AddressKey, MatchId, SessionId } from "../../src/core/ids.js";
import { limits } from "../../src/core/limits.js";
import { nextRevision } from "../../src/core/revision.js";
import { counts, COUNTED_MS, type Report } from "../../src/core/report.js";

const NOW_MS = 1_800_000_000_000;
const key = (name: string) => name as AddressKey;
const rules = { afterReports: 3, durationMs: 1_000 };
const ban: Ban = { addressKey: key("a"), reason: "", automatic: false, createdMs: NOW_MS, expiresMs: NOW_MS + 1_000 };

function report(reporter: string, reported: string): Report {
  return {
    ...{ reporterId: "r" as SessionId, reporterKey: key(reporter), reportedKey: key(reported), bothHeard: true },
    ...{ matchId: "m" as MatchId, reason: "other", comment: "", matchStartMs: NOW_MS, createdMs: NOW_MS },
  };
}

describe("a report counts", () => {
  it("against another network", () => {
    expect(counts(report("a", "b"), new Set())).toBe(true);
  });

  it("never against the reporter's own network", () => {
    expect(counts(report("a", "a"), new Set())).toBe(false);
  });

  it("once per reported network", () => {
    expect(counts(report("a", "b"), new Set([key("b")]))).toBe(false);
    expect(counts(report("a", "c"), new Set([key("b")]))).toBe(true);
  });

  it("only within the limit of its network", () => {
    const others = Array.from({ length: limits.countedReports }, (_, index) => key(String(index)));
    expect(counts(report("a", "b"), new Set(others.slice(1)))).toBe(true);
    expect(counts(report("a", "b"), new Set(others))).toBe(false);
  });

  it("for a day, and not if it was made before a ban was lifted", () => {
    expect(countsSinceMs(undefined, NOW_MS)).toBe(NOW_MS - COUNTED_MS);
    expect(countsSinceMs(ban, NOW_MS)).toBe(NOW_MS - COUNTED_MS);
    expect(countsSinceMs(lifted(key("a"), NOW_MS - 5), NOW_MS)).toBe(NOW_MS - 5);
  });
});

describe("an automatic ban", () => {
  it("is added after reports from enough networks, with the configured duration", () => {
    expect(automaticBan(key("a"), 2, rules, NOW_MS)).toBeUndefined();
    expect(automaticBan(key("a"), 3, rules, NOW_MS)).toMatchObject({ automatic: true, expiresMs: NOW_MS + 1_000 });
  });

  it("is never added if it is disabled", () => {
    expect(automaticBan(key("a"), 1_000, { ...rules, afterReports: 0 }, NOW_MS)).toBeUndefined();
  });
});

describe("a ban", () => {
  it("is active until it expires or is lifted", () => {
    expect(isInForce(ban, NOW_MS + 999)).toBe(true);
    expect(isInForce(ban, NOW_MS + 1_000)).toBe(false);
    expect(isInForce({ ...ban, liftedMs: NOW_MS }, NOW_MS)).toBe(false);
    expect(isInForce(undefined, NOW_MS)).toBe(false);
  });

  it("is kept for a day after its end, so that earlier reports do not count again", () => {
    expect(rememberedUntilMs(ban)).toBe(NOW_MS + 1_000 + COUNTED_MS);
    expect(rememberedUntilMs(lifted(key("a"), NOW_MS))).toBe(NOW_MS + COUNTED_MS);
  });
});

it("numbers increase, whatever the clock does", () => {
  const first = nextRevision(0, NOW_MS);
  const second = nextRevision(first, NOW_MS - 5_000);
  const third = nextRevision(second, NOW_MS + 1);
  expect([first < second, second < third]).toEqual([true, true]);
  expect(Number.isSafeInteger(nextRevision(0, NOW_MS * 2))).toBe(true);
});
