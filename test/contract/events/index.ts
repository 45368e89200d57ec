import { afterEach, beforeEach, expect, it } from "vitest";
import { UNNAMED } from "../../../src/core/case.js";
import type { PersonKey } from "../../../src/core/ids.js";
import { eventIdOf } from "../../../src/core/log-event.js";
import { invoiced, received, settled, type Tip } from "../../../src/core/tip.js";
import type { EventLog } from "../../../src/ports/event-log.js";
import type { ModerationStore } from "../../../src/ports/moderation-store.js";
import type { OpenStores, StoreFixture } from "../../support/store-fixture.js";
import { key, RecordsHarness, rules } from "../records/records-harness.js";
import { preimageOf, TipsHarness } from "../tips/tips-harness.js";

const MAX = 250;
/** Redis drops in blocks of this many. */
const BLOCK = 100;

/** The contract of every log of events. `create` returns stores whose log keeps this many events. */
export function eventsContract(create: (maxEvents?: number) => Promise<StoreFixture>): void {
  const of = new RecordsHarness();
  const tipsOf = new TipsHarness();
  let fixture: StoreFixture;
  let stores: OpenStores;
  let [events, records]: [EventLog, ModerationStore] = [undefined as never, undefined as never];
  const open = async () => {
    stores = await fixture.open();
    ({ events, records } = stores);
  };
  const reopen = async (maxEvents: number) => {
    await stores.close();
    await fixture.remove();
    fixture = await create(maxEvents);
    await open();
  };
  beforeEach(async () => {
    fixture = await create();
    await open();
  });
  afterEach(async () => {
    await stores.close();
    await fixture.remove();
  });

  /** Each ban of a network is an event. */
  async function ban(count: number): Promise<void> {
    for (let index = 0; index < count; index++) await records.putBan(of.banOf(`net-${String(index)}`), UNNAMED);
  }

  async function everything() {
    return (await events.after(0, 10_000)).events;
  }

  it("has no events at first", async () => {
    expect(await events.after(0, 10)).toEqual({ events: [], isComplete: true });
    expect(await events.before(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
    expect(await events.last()).toBe(0);
  });

  it("has reports, the bans that they lead to, bans of operators and their lifts, once each", async () => {
    for (const reporter of ["net-1", "net-2", "net-3"]) {
      const report = of.reportFrom(reporter, "bad");
      await records.addReport(report, rules);
      await records.addReport(report, rules);
    }
    await records.liftBan(key("bad"), of.nowMs + 1, UNNAMED);
    await records.liftBan(key("bad"), of.nowMs + 2, UNNAMED);
    const ban = of.banOf("worse", { reason: 'says "%s" and\n “more”' });
    await records.putBan(ban, UNNAMED);
    const found = await everything();
    const types = found.map(({ event }) => event.type);
    expect(types).toEqual([
      "report_filed",
      "case_opened",
      "report_filed",
      "report_filed",
      "banned",
      "unbanned",
      "banned",
    ]);
    const reports = await records.reportsAfter(0, 10);
    expect(found[2]).toMatchObject({
      atMs: of.nowMs,
      event: { report: reports[1]?.number, reporterId: "session-of-net-2", reportedKey: "bad", reason: "spam" },
    });
    expect(found[4]?.event).toMatchObject({ ban: { addressKey: "bad", automatic: true } });
    expect(found[5]).toMatchObject({ atMs: of.nowMs + 1, event: { addressKey: "bad" } });
    expect(found[6]?.event).toEqual({ type: "banned", ban });
    expect(new Set(found.map(eventIdOf)).size).toBe(7);
  });

  it("has a tip when it settles, once", async () => {
    const { tips } = stores;
    const payeePerson = "~bob" as PersonKey;
    const tip = tipsOf.offer("ann", "bob", { amountMsat: 999_999_999, payeePerson });
    await tips.add(tip, [], { open: 10, ofNetwork: 10, all: 10 });
    const steps = [
      (last: Tip) => invoiced(last, last.payeeId, tipsOf.invoiceFor(tip, "one"), tipsOf.nowMs),
      (last: Tip) => settled(last, last.payerId, preimageOf("one"), tipsOf.nowMs),
    ];
    const receive = (last: Tip) => received(last, last.payeeId, tipsOf.nowMs);
    for (const step of [...steps, receive]) {
      const { number, ...last } = (await tips.get(tip.id)) ?? { ...tip, number: 0 };
      expect(await tips.change(step(last), number)).toMatchObject({ state: "changed" });
      expect(await tips.change(step(last), number)).toEqual({ state: "stale" });
    }
    const { id: tipId, matchId } = tip;
    const sides = { payerId: "ann", payeeId: "bob", payerPerson: "", payeePerson };
    expect((await everything()).map(({ event }) => event)).toEqual([
      { type: "tip_settled", tipId, matchId, ...sides, amountMsat: 999_999_999 },
      { type: "tip_received", tipId, matchId, ...sides, amountMsat: 999_999_999 },
    ]);
  });

  it("returns events after and before a number, in order", async () => {
    await ban(5);
    const [one, two, three, four, five] = await everything();
    const after = await events.after(two?.number ?? 0, 2);
    expect(after).toEqual({ events: [three, four], isComplete: true });
    expect(await events.before(four?.number ?? 0, 2)).toEqual([three, two]);
    expect(await events.before(Number.MAX_SAFE_INTEGER, 10)).toEqual([five, four, three, two, one]);
    expect(await events.after(five?.number ?? 0, 2)).toEqual({ events: [], isComplete: true });
    expect(await events.last()).toBe(five?.number);
  });

  it("keeps a limited number of events, and a reader that missed some learns it", async () => {
    await reopen(MAX);
    await ban(10);
    const early = await everything();
    await ban(MAX + BLOCK);
    const kept = await everything();
    expect(kept.length).toBeGreaterThanOrEqual(MAX);
    expect(kept.length).toBeLessThan(MAX + BLOCK);
    expect((await events.after(early[9]?.number ?? 0, 10)).isComplete).toBe(false);
    expect((await events.after(0, 10)).isComplete).toBe(true);
    const after = await events.after(kept[0]?.number ?? 0, 1);
    expect(after).toEqual({ events: [kept[1]], isComplete: true });
  });

  it("drops old events, in steps, and a reader that missed some learns it", async () => {
    await ban(3);
    const [first, , third] = await everything();
    of.nowMs += 1_000;
    await ban(2);
    const left = (await everything()).slice(3);
    expect(await events.prune({ beforeMs: of.nowMs, limit: 2 })).toBe(true);
    expect(await events.prune({ beforeMs: of.nowMs, limit: 2 })).toBe(false);
    expect(await events.prune({ beforeMs: of.nowMs, limit: 2 })).toBe(false);
    expect(await everything()).toEqual(left);
    expect((await events.after(first?.number ?? 0, 10)).isComplete).toBe(false);
    expect(await events.after(third?.number ?? 0, 10)).toEqual({ events: left, isComplete: true });
    await events.prune({ beforeMs: of.nowMs + 1, limit: 10 });
    expect(await events.after(third?.number ?? 0, 10)).toEqual({ events: [], isComplete: false });
    expect(await events.after(left[1]?.number ?? 0, 10)).toEqual({ events: [], isComplete: true });
  });

  it("keeps none if it is off", async () => {
    await reopen(0);
    await ban(3);
    expect(await everything()).toEqual([]);
  });
}
