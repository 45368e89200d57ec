import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Ban, BanRules } from "../../src/core/ban.js";
import type { AddressKey, MatchId, SessionId } from "../../src/core/ids.js";
import { limits } from "../../src/core/limits.js";
import { COUNTED_MS, type Report } from "../../src/core/report.js";
import type { Records } from "../../src/ports/records.js";
import type { Lasting, Place } from "../support/place.js";

const START_MS = 1_800_000_000_000;
const LAST = Number.MAX_SAFE_INTEGER;
const rules: BanRules = { afterReports: 3, durationMs: 3_600_000 };
const key = (network: string) => network as AddressKey;

/** What every records adapter must do. */
export function recordsContract(create: () => Promise<Place>): void {
  let place: Place;
  let lasting: Lasting;
  let records: Records;
  let nowMs = START_MS;
  let made = 0;
  beforeEach(async () => {
    place = await create();
    lasting = await place.open();
    records = lasting.records;
    nowMs = START_MS;
  });
  afterEach(async () => {
    await lasting.close();
    await place.remove();
  });

  function reportFrom(reporter: string, reported: string, more: Partial<Report> = {}): Report {
    return {
      reporterId: `session-of-${reporter}` as SessionId,
      reporterKey: key(reporter),
      reportedKey: key(reported),
      matchId: `match-${String(++made)}` as MatchId,
      reason: "spam",
      comment: "“so” rude\n",
      matchStartMs: nowMs - 1_000,
      createdMs: nowMs,
      ...more,
    };
  }

  /** Stores a report and tells whether it led to a ban. */
  async function report(reporter: string, reported: string, more: Partial<Report> = {}): Promise<boolean> {
    return (await records.addReport(reportFrom(reporter, reported, more), rules)).ban !== undefined;
  }

  async function bans(): Promise<Ban[]> {
    const found = await records.bansAfter(0, 1_000);
    return found.map((ban) => Object.fromEntries(Object.entries(ban).filter(([name]) => name !== "number")) as never);
  }
  const comments = (reports: readonly { comment: string }[]) => reports.map(({ comment }) => comment);

  describe("reports", () => {
    it("are kept as they were made", async () => {
      const one = reportFrom("a", "b");
      expect(await records.addReport(one, rules)).toEqual({ isNew: true, ban: undefined });
      const [kept] = await records.reportsAfter(0, 10);
      expect(kept).toEqual({ ...one, number: kept?.number, resolution: undefined });
    });

    it("are kept once per reporter and match, however often they are repeated", async () => {
      const one = reportFrom("a", "b");
      await records.addReport(one, rules);
      const again = { ...one, comment: "again", createdMs: nowMs + 5 };
      expect(await records.addReport(again, rules)).toEqual({ isNew: false, ban: undefined });
      await report("b", "a", { matchId: one.matchId });
      expect(comments(await records.reportsAfter(0, 10))).toEqual([one.comment, "“so” rude\n"]);
    });

    it("are listed in the order they came, both ways and in parts, even when clocks differ", async () => {
      for (const [index, aheadMs] of [0, 5_000, -5_000, 0, 0].entries()) {
        await report("a", "b", { comment: String(index), createdMs: nowMs + aheadMs });
      }
      const first = await records.reportsAfter(0, 2);
      const second = await records.reportsAfter(first[1]?.number ?? LAST, 2);
      expect(comments([...first, ...second])).toEqual(["0", "1", "2", "3"]);
      const newest = await records.reportsBefore(LAST, 2);
      const older = await records.reportsBefore(newest[1]?.number ?? 0, 10);
      expect(comments([...newest, ...older])).toEqual(["4", "3", "2", "1", "0"]);
      expect(await records.reportsAfter(newest[0]?.number ?? 0, 10)).toEqual([]);
    });

    it("are dropped beyond what is kept, the oldest first, and then may be made again", async () => {
      const kept = { all: 3, fromNetwork: 10 };
      const made = ["a", "b", "c", "d", "e"].map((one) => reportFrom(one, "z", { comment: one }));
      for (const one of made) await records.addReport(one, rules, kept);
      expect(comments(await records.reportsAfter(0, 10))).toEqual(["c", "d", "e"]);
      const [again] = made;
      if (again !== undefined) expect(await records.addReport(again, rules, kept)).toMatchObject({ isNew: true });
      expect(comments(await records.reportsBefore(LAST, 10))).toEqual(["a", "e", "d"]);
    });

    it("of one network beyond what is kept of it drop its own oldest, and nobody else's", async () => {
      const kept = { all: 6, fromNetwork: 3 };
      await records.addReport(reportFrom("quiet", "z", { comment: "before" }), rules, kept);
      for (let index = 1; index <= 20; index++) {
        await records.addReport(reportFrom("loud", `victim-${String(index)}`, { comment: String(index) }), rules, kept);
      }
      await records.addReport(reportFrom("other", "z", { comment: "after" }), rules, kept);
      expect(comments(await records.reportsAfter(0, 30))).toEqual(["before", "18", "19", "20", "after"]);
    });

    it("that are dropped or forgotten make room for others of their network", async () => {
      const kept = { all: 10, fromNetwork: 2 };
      const add = (comment: string) => records.addReport(reportFrom("a", "b", { comment }), rules, kept);
      await add("1");
      await add("2");
      await records.prune({ reportsBeforeMs: nowMs + 500, nowMs, limit: 10 });
      nowMs += 1_000;
      for (const comment of ["3", "4", "5"]) await add(comment);
      expect(comments(await records.reportsAfter(0, 10))).toEqual(["4", "5"]);
    });

    it("get numbers that go on when they come at once", async () => {
      await Promise.all(Array.from({ length: 50 }, () => report("a", "b")));
      const numbers = (await records.reportsAfter(0, 100)).map(({ number }) => number);
      expect(new Set(numbers).size).toBe(50);
    });

    it("keep the latest note of what became of them", async () => {
      await report("a", "b");
      const number = (await records.reportsAfter(0, 1))[0]?.number ?? 0;
      await records.resolveReport(number, { text: "first", resolvedMs: nowMs });
      const resolution = { text: "warned", resolvedMs: nowMs + 1 };
      expect(await records.resolveReport(number, resolution)).toMatchObject({
        number,
        resolution,
        comment: "“so” rude\n",
      });
      expect(await records.reportsBefore(LAST, 1)).toMatchObject([{ number, resolution }]);
      expect(await records.resolveReport(number + 1, resolution)).toBeUndefined();
    });
  });

  describe("bans by reports", () => {
    it("come with the report of the last network that it takes", async () => {
      expect(await report("a", "pest")).toBe(false);
      expect(await report("b", "pest")).toBe(false);
      const { ban } = await records.addReport(reportFrom("c", "pest"), rules);
      expect(ban).toMatchObject({
        addressKey: "pest",
        automatic: true,
        createdMs: nowMs,
        expiresMs: nowMs + 3_600_000,
      });
      expect(await bans()).toEqual([ban]);
    });

    it("never come from one network, however often it reports", async () => {
      for (let count = 0; count < 10; count++) expect(await report("a", "victim")).toBe(false);
      await report("b", "victim");
      expect(await bans()).toEqual([]);
    });

    it("never come from the reported network itself", async () => {
      await report("a", "pest");
      await report("b", "pest");
      expect(await report("pest", "pest")).toBe(false);
      expect(await report("c", "pest")).toBe(true);
    });

    it("never come when they are turned off", async () => {
      const off = { ...rules, afterReports: 0 };
      for (let index = 0; index < 5; index++) await records.addReport(reportFrom(`r-${String(index)}`, "pest"), off);
      expect(await bans()).toEqual([]);
    });

    it("take reports of one day", async () => {
      await report("a", "pest");
      await report("b", "pest");
      nowMs += COUNTED_MS + 1;
      expect(await report("c", "pest")).toBe(false);
      expect(await report("a", "pest")).toBe(false);
      expect(await report("b", "pest")).toBe(true);
    });

    it("take from one network no more reports a day than may count", async () => {
      for (let index = 0; index < limits.countedReports; index++) await report("liar", `other-${String(index)}`);
      await report("a", "victim");
      await report("b", "victim");
      expect(await report("liar", "victim")).toBe(false);
      nowMs += COUNTED_MS - 1_000;
      expect(await report("liar", "victim")).toBe(false);
      nowMs += 2_000;
      await report("a", "victim");
      await report("b", "victim");
      expect(await report("liar", "victim")).toBe(true);
    });

    it("do not come twice while one is in force, and come again after it", async () => {
      for (const network of ["a", "b", "c"]) await report(network, "pest");
      expect(await report("d", "pest")).toBe(false);
      nowMs += rules.durationMs;
      expect(await report("e", "pest")).toBe(true);
    });

    it("leave an operator's ban as it is", async () => {
      const ban = { ...banOf("pest"), expiresMs: nowMs + 1e9 };
      await records.putBan(ban);
      for (const network of ["a", "b", "c"]) await report(network, "pest");
      expect(await bans()).toEqual([ban]);
    });

    it("do not count what was reported before the last one was lifted", async () => {
      for (const network of ["a", "b", "c"]) await report(network, "pest");
      nowMs += 1_000;
      expect(await records.liftBan(key("pest"), nowMs)).toBe(true);
      nowMs += 1_000;
      for (const network of ["a", "d", "e"]) expect(await report(network, "pest")).toBe(false);
      expect(await report("f", "pest")).toBe(true);
    });
  });

  function banOf(network: string, more: Partial<Ban> = {}): Ban {
    const created = { addressKey: key(network), reason: "because", automatic: false, createdMs: nowMs };
    return { ...created, expiresMs: nowMs + 60_000, ...more };
  }

  describe("bans", () => {
    it("take the place of the network's one before", async () => {
      for (const ban of [banOf("a"), banOf("b"), banOf("a", { reason: "again" })]) await records.putBan(ban);
      expect(await bans()).toEqual([banOf("b"), banOf("a", { reason: "again" })]);
    });

    it("are listed in the order they came, both ways and in parts", async () => {
      for (const network of ["a", "b", "c"]) await records.putBan(banOf(network));
      const newest = await records.bansBefore(LAST, 2);
      const older = await records.bansBefore(newest[1]?.number ?? 0, 2);
      expect([...newest, ...older].map(({ addressKey }) => addressKey)).toEqual(["c", "b", "a"]);
    });

    it("tell those who read on that they were lifted", async () => {
      await records.putBan(banOf("a"));
      const [{ number } = { number: 0 }] = await records.bansAfter(0, 1);
      expect(await records.liftBan(key("a"), nowMs)).toBe(true);
      expect(await records.bansAfter(number, 10)).toMatchObject([{ addressKey: "a", liftedMs: nowMs }]);
      expect(await records.liftBan(key("a"), nowMs)).toBe(false);
      expect(await records.liftBan(key("nobody"), nowMs)).toBe(false);
      await records.putBan(banOf("expired"));
      expect(await records.liftBan(key("expired"), nowMs + 60_000)).toBe(false);
    });
  });

  describe("what is old", () => {
    const all = () => records.reportsAfter(0, 1_000);

    it("is forgotten when told to, in steps, and the rest is not", async () => {
      for (let count = 0; count < 5; count++) await report("a", "b");
      const reportsBeforeMs = nowMs + 500;
      nowMs += 1_000;
      await report("a", "b", { comment: "new" });
      expect(await records.prune({ reportsBeforeMs, nowMs, limit: 3 })).toBe(true);
      expect(await all()).toHaveLength(3);
      expect(await records.prune({ reportsBeforeMs, nowMs, limit: 3 })).toBe(false);
      expect(comments(await all())).toEqual(["new"]);
    });

    it("may be said again", async () => {
      const one = reportFrom("a", "b");
      await records.addReport(one, rules);
      await records.prune({ reportsBeforeMs: nowMs + 1, nowMs, limit: 10 });
      expect(await records.addReport(one, rules)).toMatchObject({ isNew: true });
    });

    it("of bans is remembered while reports before it could count", async () => {
      for (const network of ["a", "b"]) await records.putBan(banOf(network));
      await records.liftBan(key("b"), nowMs);
      const prune = (atMs: number) => records.prune({ reportsBeforeMs: 0, nowMs: atMs, limit: 10 });
      await prune(nowMs + COUNTED_MS - 1);
      expect(await bans()).toHaveLength(2);
      await prune(nowMs + COUNTED_MS);
      expect(await bans()).toEqual([banOf("a")]);
      await prune(nowMs + 60_000 + COUNTED_MS);
      expect(await bans()).toEqual([]);
    });
  });
}
