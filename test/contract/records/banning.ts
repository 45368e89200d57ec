import { expect, it } from "vitest";
import { UNNAMED } from "../../../src/core/case.js";
import { limits } from "../../../src/core/limits.js";
import { COUNTED_MS } from "../../../src/core/report.js";
import type { StoreFixture } from "../../support/store-fixture.js";
import { comments, key, rules, RecordsHarness } from "./records-harness.js";

export function banning(create: () => Promise<StoreFixture>): void {
  const harness = RecordsHarness.of(create);

  it("are added with the report of the last required network", async () => {
    expect(await harness.report("a", "pest")).toBe(false);
    expect(await harness.report("b", "pest")).toBe(false);
    const { ban } = await harness.records.addReport(harness.reportFrom("c", "pest"), rules);
    expect(ban).toMatchObject({
      addressKey: "pest",
      automatic: true,
      createdMs: harness.nowMs,
      expiresMs: harness.nowMs + 3_600_000,
    });
    expect(await harness.bans()).toEqual([ban]);
  });

  it("are added for the browser together with its network", async () => {
    for (const reporter of ["a", "b", "c"]) await harness.report(reporter, "^browser.pest");
    expect((await harness.bans()).map(({ addressKey }) => addressKey)).toEqual(["pest", "^browser"]);
  });

  it("are added for a browser alone that is reported from several networks", async () => {
    for (const reporter of ["a", "b", "c"]) await harness.report(reporter, `^browser.pest-${reporter}`);
    expect((await harness.bans()).map(({ addressKey }) => addressKey)).toEqual(["^browser"]);
  });

  it("need as many networks for each network of a browser as without it", async () => {
    for (const reporter of ["a", "b"]) await harness.report(reporter, "^one.x.home.site");
    for (const reporter of ["c", "d", "e"]) await harness.report(reporter, "^two.y.home.site");
    expect((await harness.bans()).map(({ addressKey }) => addressKey)).toEqual(["y", "^two"]);
    await harness.report("f", "^three.z.home.site");
    expect((await harness.bans()).map(({ addressKey }) => addressKey)).toEqual(["y", "^two", "home", "^three"]);
  });

  it("are added for a person alone, whichever networks and browsers it has", async () => {
    for (const reporter of ["a", "b", "c"]) await harness.report(reporter, "~pat");
    expect((await harness.bans()).map(({ addressKey }) => addressKey)).toEqual(["~pat"]);
  });

  it("are never added by one network, however often it reports", async () => {
    for (let count = 0; count < 10; count++) expect(await harness.report("a", "victim")).toBe(false);
    await harness.report("b", "victim");
    expect(await harness.bans()).toEqual([]);
  });

  it("are never added by the reported network itself", async () => {
    await harness.report("a", "pest");
    await harness.report("b", "pest");
    expect(await harness.report("pest", "pest")).toBe(false);
    expect(await harness.report("c", "pest")).toBe(true);
  });

  it("are never added by one household, however many networks it has", async () => {
    for (let subnet = 0; subnet < 10; subnet++) {
      expect(await harness.report(`${String(subnet)}.home-${String(subnet)}.site`, "pest")).toBe(false);
    }
    await harness.report("b", "pest");
    expect(await harness.report("c", "pest")).toBe(true);
  });

  it("are never added by another network of the reported household", async () => {
    await harness.report("a", "x.home.site");
    await harness.report("b", "x.home.site");
    expect(await harness.report("y.other.site", "x.home.site")).toBe(false);
    expect(await harness.report("c", "x.home.site")).toBe(true);
  });

  it("are never added if the match had no answered offer", async () => {
    for (const network of ["a", "b", "c", "d"])
      expect(await harness.report(network, "pest", { bothHeard: false })).toBe(false);
    for (const network of ["a", "b"]) await harness.report(network, "pest");
    expect(await harness.report("c", "pest")).toBe(true);
  });

  it("widen to the household, then to the site, of a reported user who changes networks", async () => {
    let reporters = 0;
    const banBy = async (reported: string) => {
      const one = harness.reportFrom(`r-${String(++reporters)}`, reported);
      return (await harness.records.addReport(one, rules)).ban?.addressKey;
    };
    for (const subnet of ["a", "b", "c"]) {
      const banned = [await banBy(`${subnet}.home.site`), await banBy(`${subnet}.home.site`)];
      expect(banned).toEqual([undefined, subnet === "c" ? "home" : undefined]);
    }
    for (const subnet of ["d.h2", "e.h2", "f.h3", "g.h3"]) {
      const banned = [await banBy(`${subnet}.site`), await banBy(`${subnet}.site`)];
      expect(banned).toEqual([undefined, subnet === "f.h3" ? "site" : undefined]);
    }
    expect(reporters).toBe(14);
    expect((await harness.bans()).map(({ addressKey, reason }) => [addressKey, reason])).toEqual([
      ["home", "reported from 6 networks within a day"],
      ["site", "reported from 12 networks within a day"],
    ]);
    expect(await harness.records.liftBan(key("site"), harness.nowMs + 1, UNNAMED)).toBe(true);
    harness.nowMs += 2;
    for (const network of ["x", "y"]) expect(await harness.report(network, "d.h2.site")).toBe(false); // the ban covers these reports
    expect(await harness.report("z", "d.h2.site")).toBe(true);
  });

  it("depend on counted reports, whatever reports displace the others", async () => {
    const rulesOfFive = { ...rules, afterReports: 5 };
    const kept = { all: 1_000, fromNetwork: 10, counted: 5_000 };
    for (let honest = 1; honest <= 4; honest++) {
      await harness.records.addReport(
        harness.reportFrom(`honest-${String(honest)}`, "pest", { comment: "honest" }),
        rulesOfFive,
        kept,
      );
      harness.nowMs++;
    }
    for (let network = 0; network < 101; network++) {
      const reports = Array.from({ length: 50 }, (_, index) =>
        harness.reportFrom(`liar-${String(network)}`, `victim-${String(index)}`, {
          comment: "lie",
          bothHeard: index % 2 === 0,
        }),
      );
      await Promise.all(reports.map((one) => harness.records.addReport(one, { ...rules, afterReports: 0 }, kept)));
    }
    const left = comments(await harness.records.reportsAfter(0, 10_000));
    expect(left).toHaveLength(1_000);
    expect(left.filter((comment) => comment === "honest")).toHaveLength(4);
    const fifth = await harness.records.addReport(
      harness.reportFrom("honest-5", "pest", { comment: "honest" }),
      rulesOfFive,
      kept,
    );
    expect(fifth.ban).toMatchObject({ addressKey: "pest" });
  });

  it("are limited by a maximum of counts, which is free again a day later", async () => {
    const kept = { all: 100, fromNetwork: 100, counted: 2 };
    const add = (from: string) => harness.records.addReport(harness.reportFrom(from, "pest"), rules, kept);
    for (const from of ["a", "b", "c", "d"]) expect((await add(from)).ban).toBeUndefined();
    harness.nowMs += COUNTED_MS + 1;
    for (const from of ["a", "b", "c"]) {
      const { ban } = await harness.records.addReport(harness.reportFrom(from, "pest"), rules, { ...kept, counted: 3 });
      expect(ban === undefined).toBe(from !== "c");
    }
  });

  it("are added by other reporters, however many networks of an address block are counted", async () => {
    const kept = { all: 100, fromNetwork: 100, counted: 8 };
    const add = (from: string, block: string, about = "pest") => {
      const report = harness.reportFrom(from, about, { reporterBlock: key(block) });
      return harness.records.addReport(report, rules, kept);
    };
    for (let index = 0; index < 10; index++) await add(`own ${String(index)}`, "holder", `own ${String(index + 1)}`);
    for (const from of ["own 10", "own 11", "own 12"]) expect((await add(from, "holder")).ban).toBeUndefined();
    expect((await add("a", "other")).ban).toBeUndefined();
    expect((await add("b", "other")).ban).toBeUndefined();
    expect((await add("c", "third")).ban).toMatchObject({ addressKey: "pest" });
    expect((await harness.records.reportsAfter(0, 1))[0]).not.toHaveProperty("reporterBlock");
    harness.nowMs += COUNTED_MS + 1;
    for (const from of ["own 1", "own 2"]) expect((await add(from, "holder", "again")).ban).toBeUndefined();
    expect((await add("a", "other", "again")).ban, "an address block counts again a day later").toBeDefined();
  });

  it("are never added if they are disabled", async () => {
    const off = { ...rules, afterReports: 0 };
    for (let index = 0; index < 5; index++)
      await harness.records.addReport(harness.reportFrom(`r-${String(index)}`, "pest"), off);
    expect(await harness.bans()).toEqual([]);
  });

  it("need reports of one day", async () => {
    await harness.report("a", "pest");
    await harness.report("b", "pest");
    harness.nowMs += COUNTED_MS + 1;
    expect(await harness.report("c", "pest")).toBe(false);
    expect(await harness.report("a", "pest")).toBe(false);
    expect(await harness.report("b", "pest")).toBe(true);
  });

  it("count a limited number of reports per network and day", async () => {
    for (let index = 0; index < limits.countedReports; index++) await harness.report("liar", `other-${String(index)}`);
    await harness.report("a", "victim");
    await harness.report("b", "victim");
    expect(await harness.report("liar", "victim")).toBe(false);
    harness.nowMs += COUNTED_MS - 1_000;
    expect(await harness.report("liar", "victim")).toBe(false);
    harness.nowMs += 2_000;
    await harness.report("a", "victim");
    await harness.report("b", "victim");
    expect(await harness.report("liar", "victim")).toBe(true);
  });

  it("are not added while one is active, and are added again after it", async () => {
    for (const network of ["a", "b", "c"]) await harness.report(network, "pest");
    expect(await harness.report("d", "pest")).toBe(false);
    harness.nowMs += rules.durationMs;
    expect(await harness.report("e", "pest")).toBe(true);
  });

  it("do not change an operator's ban", async () => {
    const ban = { ...harness.banOf("pest"), expiresMs: harness.nowMs + 1e9 };
    await harness.records.putBan(ban, UNNAMED);
    for (const network of ["a", "b", "c"]) await harness.report(network, "pest");
    expect(await harness.bans()).toEqual([ban]);
  });

  it("are returned by their networks, the latest of each", async () => {
    const [first, second] = [harness.banOf("pest", { reason: "first" }), harness.banOf("other", { reason: "%s" })];
    for (const ban of [first, { ...first, reason: "again" }, second]) await harness.records.putBan(ban, UNNAMED);
    expect(await harness.records.latestBans([])).toEqual([]);
    const found = await harness.records.latestBans(["other", "nobody", "pest"].map(key));
    expect(found).toEqual([second, { ...first, reason: "again" }]);
    await harness.records.liftBan(key("pest"), harness.nowMs + 5, UNNAMED);
    expect(await harness.records.latestBans([key("pest")])).toMatchObject([{ liftedMs: harness.nowMs + 5 }]);
  });

  it("do not count reports from before the last ban was lifted", async () => {
    for (const network of ["a", "b", "c"]) await harness.report(network, "pest");
    harness.nowMs += 1_000;
    expect(await harness.records.liftBan(key("pest"), harness.nowMs, UNNAMED)).toBe(true);
    harness.nowMs += 1_000;
    for (const network of ["a", "d", "e"]) expect(await harness.report(network, "pest")).toBe(false);
    expect(await harness.report("f", "pest")).toBe(true);
  });
}
