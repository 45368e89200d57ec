import { expect, it } from "vitest";
import { limits } from "../../../src/core/limits.js";
import { COUNTED_MS } from "../../../src/core/report.js";
import type { Place } from "../../support/place.js";
import { comments, key, rules, RecordsStage } from "./stage.js";

export function banning(create: () => Promise<Place>): void {
  const stage = RecordsStage.of(create);

  it("come with the report of the last network that it takes", async () => {
    expect(await stage.report("a", "pest")).toBe(false);
    expect(await stage.report("b", "pest")).toBe(false);
    const { ban } = await stage.records.addReport(stage.reportFrom("c", "pest"), rules);
    expect(ban).toMatchObject({
      addressKey: "pest",
      automatic: true,
      createdMs: stage.nowMs,
      expiresMs: stage.nowMs + 3_600_000,
    });
    expect(await stage.bans()).toEqual([ban]);
  });

  it("never come from one network, however often it reports", async () => {
    for (let count = 0; count < 10; count++) expect(await stage.report("a", "victim")).toBe(false);
    await stage.report("b", "victim");
    expect(await stage.bans()).toEqual([]);
  });

  it("never come from the reported network itself", async () => {
    await stage.report("a", "pest");
    await stage.report("b", "pest");
    expect(await stage.report("pest", "pest")).toBe(false);
    expect(await stage.report("c", "pest")).toBe(true);
  });

  it("never come from a home, however many networks it has", async () => {
    for (let subnet = 0; subnet < 10; subnet++) {
      expect(await stage.report(`${String(subnet)}.home-${String(subnet)}.site`, "pest")).toBe(false);
    }
    await stage.report("b", "pest");
    expect(await stage.report("c", "pest")).toBe(true);
  });

  it("never come from another network of the reported one's home", async () => {
    await stage.report("a", "x.home.site");
    await stage.report("b", "x.home.site");
    expect(await stage.report("y.other.site", "x.home.site")).toBe(false);
    expect(await stage.report("c", "x.home.site")).toBe(true);
  });

  it("never come when the two did not take part in their match", async () => {
    for (const network of ["a", "b", "c", "d"])
      expect(await stage.report(network, "pest", { bothHeard: false })).toBe(false);
    for (const network of ["a", "b"]) await stage.report(network, "pest");
    expect(await stage.report("c", "pest")).toBe(true);
  });

  it("widen to the home, then to the site, of one who goes from network to network", async () => {
    let reporters = 0;
    const banBy = async (reported: string) => {
      const one = stage.reportFrom(`r-${String(++reporters)}`, reported);
      return (await stage.records.addReport(one, rules)).ban?.addressKey;
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
    expect((await stage.bans()).map(({ addressKey, reason }) => [addressKey, reason])).toEqual([
      ["home", "reported from 6 networks within a day"],
      ["site", "reported from 12 networks within a day"],
    ]);
    expect(await stage.records.liftBan(key("site"), stage.nowMs + 1)).toBe(true);
    stage.nowMs += 2;
    for (const network of ["x", "y"]) expect(await stage.report(network, "d.h2.site")).toBe(false); // all of it is forgiven
    expect(await stage.report("z", "d.h2.site")).toBe(true);
  });

  it("come of what counts, whatever reports push the others out", async () => {
    const rulesOfFive = { ...rules, afterReports: 5 };
    const kept = { all: 1_000, fromNetwork: 10, counted: 5_000 };
    for (let honest = 1; honest <= 4; honest++) {
      await stage.records.addReport(
        stage.reportFrom(`honest-${String(honest)}`, "pest", { comment: "honest" }),
        rulesOfFive,
        kept,
      );
      stage.nowMs++;
    }
    for (let network = 0; network < 101; network++) {
      const reports = Array.from({ length: 50 }, (_, index) =>
        stage.reportFrom(`liar-${String(network)}`, `victim-${String(index)}`, {
          comment: "lie",
          bothHeard: index % 2 === 0,
        }),
      );
      await Promise.all(reports.map((one) => stage.records.addReport(one, { ...rules, afterReports: 0 }, kept)));
    }
    const left = comments(await stage.records.reportsAfter(0, 10_000));
    expect(left).toHaveLength(1_000);
    expect(left.filter((comment) => comment === "honest")).toHaveLength(4);
    const fifth = await stage.records.addReport(
      stage.reportFrom("honest-5", "pest", { comment: "honest" }),
      rulesOfFive,
      kept,
    );
    expect(fifth.ban).toMatchObject({ addressKey: "pest" });
  });

  it("take no more counts at a time than there may be, and more a day later", async () => {
    const kept = { all: 100, fromNetwork: 100, counted: 2 };
    const add = (from: string) => stage.records.addReport(stage.reportFrom(from, "pest"), rules, kept);
    for (const from of ["a", "b", "c", "d"]) expect((await add(from)).ban).toBeUndefined();
    stage.nowMs += COUNTED_MS + 1;
    for (const from of ["a", "b", "c"]) {
      const { ban } = await stage.records.addReport(stage.reportFrom(from, "pest"), rules, { ...kept, counted: 3 });
      expect(ban === undefined).toBe(from !== "c");
    }
  });

  it("come of what others count, whatever the holder of a block of addresses makes its many networks count", async () => {
    const kept = { all: 100, fromNetwork: 100, counted: 8 };
    const add = (from: string, block: string, about = "pest") => {
      const report = stage.reportFrom(from, about, { reporterBlock: key(block) });
      return stage.records.addReport(report, rules, kept);
    };
    for (let index = 0; index < 10; index++) await add(`own ${String(index)}`, "holder", `own ${String(index + 1)}`);
    for (const from of ["own 10", "own 11", "own 12"]) expect((await add(from, "holder")).ban).toBeUndefined();
    expect((await add("a", "other")).ban).toBeUndefined();
    expect((await add("b", "other")).ban).toBeUndefined();
    expect((await add("c", "third")).ban).toMatchObject({ addressKey: "pest" });
    expect((await stage.records.reportsAfter(0, 1))[0]).not.toHaveProperty("reporterBlock");
    stage.nowMs += COUNTED_MS + 1;
    for (const from of ["own 1", "own 2"]) expect((await add(from, "holder", "again")).ban).toBeUndefined();
    expect((await add("a", "other", "again")).ban, "a block counts again a day later").toBeDefined();
  });

  it("never come when they are turned off", async () => {
    const off = { ...rules, afterReports: 0 };
    for (let index = 0; index < 5; index++)
      await stage.records.addReport(stage.reportFrom(`r-${String(index)}`, "pest"), off);
    expect(await stage.bans()).toEqual([]);
  });

  it("take reports of one day", async () => {
    await stage.report("a", "pest");
    await stage.report("b", "pest");
    stage.nowMs += COUNTED_MS + 1;
    expect(await stage.report("c", "pest")).toBe(false);
    expect(await stage.report("a", "pest")).toBe(false);
    expect(await stage.report("b", "pest")).toBe(true);
  });

  it("take from one network no more reports a day than may count", async () => {
    for (let index = 0; index < limits.countedReports; index++) await stage.report("liar", `other-${String(index)}`);
    await stage.report("a", "victim");
    await stage.report("b", "victim");
    expect(await stage.report("liar", "victim")).toBe(false);
    stage.nowMs += COUNTED_MS - 1_000;
    expect(await stage.report("liar", "victim")).toBe(false);
    stage.nowMs += 2_000;
    await stage.report("a", "victim");
    await stage.report("b", "victim");
    expect(await stage.report("liar", "victim")).toBe(true);
  });

  it("do not come twice while one is in force, and come again after it", async () => {
    for (const network of ["a", "b", "c"]) await stage.report(network, "pest");
    expect(await stage.report("d", "pest")).toBe(false);
    stage.nowMs += rules.durationMs;
    expect(await stage.report("e", "pest")).toBe(true);
  });

  it("leave an operator's ban as it is", async () => {
    const ban = { ...stage.banOf("pest"), expiresMs: stage.nowMs + 1e9 };
    await stage.records.putBan(ban);
    for (const network of ["a", "b", "c"]) await stage.report(network, "pest");
    expect(await stage.bans()).toEqual([ban]);
  });

  it("do not count what was reported before the last one was lifted", async () => {
    for (const network of ["a", "b", "c"]) await stage.report(network, "pest");
    stage.nowMs += 1_000;
    expect(await stage.records.liftBan(key("pest"), stage.nowMs)).toBe(true);
    stage.nowMs += 1_000;
    for (const network of ["a", "d", "e"]) expect(await stage.report(network, "pest")).toBe(false);
    expect(await stage.report("f", "pest")).toBe(true);
  });
}
