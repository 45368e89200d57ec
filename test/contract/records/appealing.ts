import { expect, it } from "vitest";
import { type Appeal, type AppealDecision, banIdOf } from "../../../src/core/appeal.js";
import type { Ban } from "../../../src/core/ban.js";
import { type Moderator, UNNAMED } from "../../../src/core/case.js";
import { COUNTED_MS } from "../../../src/core/report.js";
import type { StoreFixture } from "../../support/store-fixture.js";
import { key, LAST, RecordsHarness } from "./records-harness.js";

export function appealing(create: () => Promise<StoreFixture>): void {
  const harness = RecordsHarness.of(create);
  const ann = "ann" as Moderator;

  const appealOf = (ban: Ban, more: Partial<Appeal> = {}): Appeal => ({
    ...{ banId: banIdOf(ban), text: 'not “me” "%s" 100%\n/', createdMs: harness.nowMs },
    ...more,
  });
  const decisionOf = (outcome: AppealDecision["outcome"], more: Partial<AppealDecision> = {}): AppealDecision => ({
    ...{ outcome, by: ann, answer: 'we “looked” at "it" %s', decidedMs: harness.nowMs },
    ...more,
  });
  const bannedBy = async (network: string, more: Partial<Ban> = {}) => {
    const ban = harness.banOf(network, more);
    await harness.records.putBan(ban, UNNAMED);
    return ban;
  };
  const appealed = async (network: string) => {
    const ban = await bannedBy(network);
    expect(await harness.records.fileAppeal(ban, appealOf(ban))).toBe("filed");
    return ban;
  };
  /** A network and a browser that reports banned together. */
  const together = async () => {
    for (const reporter of ["a", "b", "c"]) await harness.report(reporter, "^browser.pest");
    const bans = await harness.bans();
    const [network, browser] = ["pest", "^browser"].map((name) => bans.find(({ addressKey }) => addressKey === name));
    if (network === undefined || browser === undefined) throw new Error("a ban is missing");
    return { network, browser };
  };
  const open = () => harness.records.openAppeals(0, 100);
  const decided = () => harness.records.decidedAppeals(LAST, 100);
  const keysOf = (bans: readonly Ban[]) => bans.map(({ addressKey }) => addressKey);

  it("are stored in their ban, which readers of changes see again", async () => {
    const ban = await bannedBy("a", { statement: "you “shouted”" });
    const [{ number } = { number: 0 }] = await harness.records.bansAfter(0, 1);
    const appeal = appealOf(ban);
    expect(await harness.records.fileAppeal(ban, appeal)).toBe("filed");
    expect(await harness.records.bansAfter(number, 10)).toMatchObject([{ ...ban, appeal }]);
    expect(await harness.bans()).toEqual([{ ...ban, appeal }]);
    expect(await open()).toMatchObject([{ ...ban, appeal }]);
    expect(await decided()).toEqual([]);
  });

  it("are made once for each ban; the same one again changes nothing", async () => {
    const ban = await bannedBy("a");
    const appeal = appealOf(ban);
    const states = await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        harness.records.fileAppeal(ban, appealOf(ban, { text: `one of many ${String(index)}` })),
      ),
    );
    expect(states.filter((state) => state === "filed")).toHaveLength(1);
    expect(states.filter((state) => state === "exists")).toHaveLength(4);
    const other = await bannedBy("b");
    for (let index = 0; index < 2; index++)
      expect(await harness.records.fileAppeal(other, appealOf(other))).toBe("filed");
    expect(await harness.records.fileAppeal(ban, appeal)).toBe("exists");
    expect(keysOf(await open())).toEqual(["a", "b"]);
    const filed = (await harness.events()).filter(({ type }) => type === "appeal_filed");
    expect(filed).toEqual([
      { type: "appeal_filed", banId: banIdOf(ban), addressKey: "a" },
      { type: "appeal_filed", banId: banIdOf(other), addressKey: "b" },
    ]);
  });

  it("are about a ban in force", async () => {
    const ban = await bannedBy("a");
    const file = (about: Pick<Ban, "addressKey" | "createdMs">, createdMs = harness.nowMs) =>
      harness.records.fileAppeal(about, appealOf(ban, { createdMs }));
    expect(await file({ ...ban, createdMs: ban.createdMs - 1 })).toBe("unknown");
    expect(await file({ ...ban, addressKey: key("b") })).toBe("unknown");
    expect(await file(ban, ban.expiresMs)).toBe("unknown");
    await harness.records.liftBan(ban.addressKey, harness.nowMs + 1, UNNAMED);
    expect(await file(ban)).toBe("unknown");
    expect(await open()).toEqual([]);
  });

  it("are listed in pages: open ones oldest first, decided ones by their decision, the latest first", async () => {
    const bans: Ban[] = [];
    for (const network of ["a", "b", "c", "d"]) bans.push(await appealed(network));
    const first = await harness.records.openAppeals(0, 3);
    const next = await harness.records.openAppeals(first.at(-1)?.number ?? 0, 3);
    expect([keysOf(first), keysOf(next)]).toEqual([["a", "b", "c"], ["d"]]);
    for (const network of ["c", "a", "b"]) {
      const [ban] = bans.filter(({ addressKey }) => addressKey === network);
      if (ban !== undefined) await harness.records.decideAppeal(banIdOf(ban), decisionOf("upheld"));
    }
    expect(keysOf(await open())).toEqual(["d"]);
    const latest = await harness.records.decidedAppeals(LAST, 2);
    const older = await harness.records.decidedAppeals(latest.at(-1)?.number ?? 0, 2);
    expect([keysOf(latest), keysOf(older)]).toEqual([["b", "a"], ["c"]]);
  });

  it("that are upheld stay in their ban, which goes on", async () => {
    const ban = await appealed("a");
    harness.nowMs += 1_000;
    const decision = decisionOf("upheld");
    const answer = await harness.records.decideAppeal(banIdOf(ban), decision);
    const stored = { ...ban, appeal: { ...appealOf(ban), createdMs: ban.createdMs, decision } };
    expect(answer).toEqual({ state: "decided", ban: stored });
    expect(await harness.bans()).toEqual([stored]);
    expect(await harness.records.fileAppeal(ban, appealOf(ban, { text: "again" }))).toBe("exists");
  });

  it("that are reversed lift their ban, and discount the reports so far", async () => {
    for (const reporter of ["a", "b", "c"]) await harness.report(reporter, "pest");
    const [ban] = (await harness.bans()) as [Ban];
    await harness.records.fileAppeal(ban, appealOf(ban));
    harness.nowMs += 1_000;
    const answer = await harness.records.decideAppeal(banIdOf(ban), decisionOf("reversed"));
    expect(answer).toMatchObject({ state: "decided", ban: { ...ban, liftedMs: harness.nowMs } });
    expect(await harness.bans()).toMatchObject([{ addressKey: "pest", liftedMs: harness.nowMs }]);
    expect(await harness.records.liftBan(key("pest"), harness.nowMs, UNNAMED)).toBe(false);
    harness.nowMs += 1_000;
    for (const reporter of ["d", "e"]) expect(await harness.report(reporter, "pest")).toBe(false);
    expect(await harness.report("f", "pest")).toBe(true);
  });

  it("are decided once, with an entry in the audit log and an event; the same decision again changes nothing", async () => {
    const ban = await appealed("a");
    const id = banIdOf(ban);
    await harness.records.decideAppeal(id, decisionOf("upheld"));
    expect(await harness.records.decideAppeal(id, decisionOf("upheld"))).toMatchObject({ state: "decided" });
    for (const other of [
      decisionOf("reversed"),
      decisionOf("upheld", { answer: "no" }),
      decisionOf("upheld", { by: UNNAMED }),
    ]) {
      const answer = await harness.records.decideAppeal(id, other);
      expect(answer).toMatchObject({ state: "over", ban: { appeal: { decision: decisionOf("upheld") } } });
    }
    const unknown = banIdOf({ ...ban, createdMs: 1 });
    expect(await harness.records.decideAppeal(unknown, decisionOf("upheld"))).toEqual({ state: "unknown" });
    const entries = (await harness.cases.auditBefore(LAST, 10)).filter(({ act }) => act.startsWith("appeal"));
    expect(entries).toMatchObject([
      { act: "appeal_upheld", by: ann, detail: "a", atMs: harness.nowMs },
      { act: "appeal_filed", by: "", detail: "a" },
    ]);
    expect((await harness.events()).filter(({ type }) => type === "appeal_decided" || type === "unbanned")).toEqual([
      { type: "appeal_decided", banId: id, addressKey: "a", outcome: "upheld", by: ann },
    ]);
  });

  it("are decided by one of two moderators who do so at once", async () => {
    const id = banIdOf(await appealed("a"));
    const answers = await Promise.all(
      [decisionOf("upheld"), decisionOf("reversed", { by: UNNAMED })].map((decision) =>
        harness.records.decideAppeal(id, decision),
      ),
    );
    expect(answers.map(({ state }) => state).sort()).toEqual(["decided", "over"]);
  });

  it("are for a network and a browser that were banned together, and a reversal lifts both", async () => {
    const { network, browser } = await together();
    const appeal = appealOf(browser);
    expect(await harness.records.fileAppeal(browser, appeal)).toBe("filed");
    expect(await harness.records.fileAppeal(network, appealOf(network, { text: "me too" }))).toBe("exists");
    expect(keysOf(await open())).toEqual(["^browser"]);
    expect(await harness.bans()).toMatchObject([{ appeal }, { appeal }]);
    await harness.records.decideAppeal(banIdOf(browser), decisionOf("reversed"));
    expect(await harness.bans()).toMatchObject([{ liftedMs: harness.nowMs }, { liftedMs: harness.nowMs }]);
    const unbanned = (await harness.events()).flatMap((event) => (event.type === "unbanned" ? event.addressKey : []));
    expect(unbanned.sort()).toEqual(["^browser", "pest"]);
    expect(await harness.cases.auditBefore(LAST, 1)).toMatchObject([{ act: "appeal_reversed", detail: "^browser" }]);
  });

  it("are against one ban alone once the other one was lifted or replaced", async () => {
    const { network, browser } = await together();
    await harness.records.fileAppeal(browser, appealOf(browser));
    await harness.records.liftBan(browser.addressKey, harness.nowMs + 1, UNNAMED);
    expect(keysOf(await open())).toEqual(["pest"]);
    const again = await bannedBy("^browser", { createdMs: harness.nowMs + 2 });
    const answer = await harness.records.decideAppeal(banIdOf(browser), decisionOf("reversed"));
    expect(answer).toMatchObject({ state: "decided", ban: { addressKey: network.addressKey } });
    const [, left] = await harness.bans().then((bans) => bans.toSorted((one) => (one.addressKey === "pest" ? -1 : 1)));
    expect(left).toEqual(again);
  });

  it("go with their ban: when it is lifted, replaced or forgotten", async () => {
    const lifted = await appealed("a");
    await harness.records.liftBan(lifted.addressKey, harness.nowMs + 1, UNNAMED);
    const replaced = await appealed("b");
    await bannedBy("b", { createdMs: harness.nowMs + 1 });
    const [forgotten, upheld] = [await appealed("c"), await appealed("d")];
    await harness.records.decideAppeal(banIdOf(upheld), decisionOf("upheld"));
    expect([keysOf(await open()), keysOf(await decided())]).toEqual([["c"], ["d"]]);
    await harness.records.prune({ reportsBeforeMs: 0, nowMs: forgotten.expiresMs + COUNTED_MS, limit: 100 });
    expect([await open(), await decided()]).toEqual([[], []]);
    for (const ban of [lifted, replaced, forgotten, upheld]) {
      expect(await harness.records.decideAppeal(banIdOf(ban), decisionOf("upheld"))).toEqual({ state: "unknown" });
    }
  });

  it("outlive the process", async () => {
    const [one, two] = [await appealed("a"), await appealed("b")];
    await harness.records.decideAppeal(banIdOf(two), decisionOf("upheld"));
    await harness.reopen();
    expect(await open()).toMatchObject([{ ...one, appeal: appealOf(one) }]);
    expect(await decided()).toMatchObject([{ ...two, appeal: { decision: decisionOf("upheld") } }]);
  });
}
