import { afterEach, beforeEach, expect, it } from "vitest";
import type { CommandDraft, Conclusion } from "../../src/core/channel-command.js";
import { CLOSED_POLICY } from "../../src/core/channel-policy.js";
import { UNNAMED } from "../../src/core/case.js";
import type { CommandId } from "../../src/core/ids.js";
import type { BookingLimits, ChannelStore } from "../../src/ports/channel-store.js";
import type { OpenStores, StoreFixture } from "../support/store-fixture.js";

const NOW = Date.parse("2026-01-31T12:00:00Z");
const DAY = "2026-01-31";
const NEWEST = Number.MAX_SAFE_INTEGER;
const PEER = `02${"a".repeat(64)}`;
const policy = { ...CLOSED_POLICY, opensPerDay: 3, allowedPeers: [PEER] };

const idOf = (name: string) => name.padEnd(16, "-") as CommandId;
const terms = { peerId: PEER, peerAddress: "", pushSat: 0, isPrivate: false, feeRateSatPerVbyte: 0 };
const open = (name: string, more: Partial<CommandDraft> = {}): CommandDraft => ({
  id: idOf(name),
  act: { kind: "open", ...terms, capacitySat: 100_000 },
  by: UNNAMED,
  cost: { opens: 1, feeSat: 200, spendSat: 100_200 },
  bookedMs: NOW,
  knownChannels: [],
  ...more,
});
const free = (name: string): CommandDraft =>
  open(name, {
    act: { kind: "set_fees", channelId: `${"0".repeat(64)}:0`, baseMsat: 1, ratePpm: 2 },
    cost: { opens: 0, feeSat: 0, spendSat: 0 },
  });
const roomy: BookingLimits = {
  ...{ revision: 0, opensPerDay: 100, feesPerDaySat: 100_000, reserveSat: 0 },
  ...{ confirmedSat: 1_000_000_000, spentSat: 0 },
};
const done = (channelId?: string): Conclusion => ({
  ...{ state: "done", atMs: NOW + 1, words: "" },
  ...(channelId !== undefined && { channelId }),
});
const refused: Conclusion = { state: "refused", atMs: NOW + 1, words: "no route" };

/** The contract of every store of commands to the operator's node. */
export function channelsContract(create: () => Promise<StoreFixture>): void {
  let fixture: StoreFixture;
  let stores: OpenStores;
  let channels: ChannelStore;
  beforeEach(async () => {
    fixture = await create();
    stores = await fixture.open();
    ({ channels } = stores);
  });
  afterEach(async () => {
    await stores.close();
    await fixture.remove();
  });

  it("keeps the policy, and replaces only the revision that was meant", async () => {
    expect(await channels.policy()).toBeUndefined();
    const change = { policy, by: UNNAMED, atMs: NOW };
    expect(await channels.setPolicy({ ...change, revision: 1 })).toBeUndefined();
    expect(await channels.setPolicy({ ...change, revision: 0 })).toBe(1);
    expect(await channels.setPolicy({ ...change, revision: 0 })).toBeUndefined();
    expect(await channels.policy()).toEqual({ ...change, revision: 1 });
    expect(await channels.setPolicy({ ...change, policy: CLOSED_POLICY })).toBe(2);
    expect(await channels.policy()).toMatchObject({ policy: CLOSED_POLICY, revision: 2 });
    expect(await channels.book(open("a"), { ...roomy, revision: 1 })).toEqual({ state: "policy_changed" });
    expect(await stores.cases.auditBefore(NEWEST, 9)).toMatchObject([
      { act: "channel_policy_set", by: UNNAMED, detail: "2" },
      { act: "channel_policy_set", by: UNNAMED, detail: "1" },
    ]);
  });

  it("books a command once, with an entry in the audit log", async () => {
    const booked = { ...open("a"), state: "booked" };
    expect(await channels.book(open("a"), roomy)).toEqual({ state: "booked", command: booked });
    expect(await channels.book(open("a", { bookedMs: NOW + 5 }), roomy)).toEqual({ state: "known", command: booked });
    expect(await channels.due(DAY)).toEqual({ commands: [booked], used: { opens: 1, feesSat: 200 }, spentSat: 0 });
    expect(await channels.get(idOf("a"))).toEqual(booked);
    expect(await channels.get(idOf("b"))).toBeUndefined();
    expect(await stores.cases.auditBefore(NEWEST, 9)).toMatchObject([
      { act: "channel_open_booked", by: UNNAMED, detail: idOf("a") },
    ]);
  });

  it("lets one of many callers ask the node", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => channels.book(open("a"), roomy)));
    expect(answers.filter(({ state }) => state === "booked")).toHaveLength(1);
    const asks = await Promise.all(Array.from({ length: 8 }, () => channels.ask(idOf("a"), NOW + 1)));
    expect(asks.filter(Boolean)).toHaveLength(1);
    expect((await channels.due(DAY)).commands).toEqual([{ ...open("a"), state: "asked", askedMs: NOW + 1 }]);
    expect(await channels.ask(idOf("b"), NOW)).toBe(false);
  });

  it("keeps the first outcome, and lets nobody ask after it", async () => {
    await channels.book(open("a"), roomy);
    const stored = { ...open("a"), state: "refused", conclusion: refused };
    expect(await channels.conclude(idOf("a"), refused)).toEqual(stored);
    expect(await channels.conclude(idOf("a"), done("x:0"))).toEqual(stored);
    expect(await channels.ask(idOf("a"), NOW)).toBe(false);
    expect(await channels.conclude(idOf("b"), refused)).toBeUndefined();
    expect(await channels.due(DAY)).toEqual({ commands: [], used: { opens: 0, feesSat: 0 }, spentSat: 0 });
    expect(await channels.get(idOf("a"))).toEqual(stored);
    expect(await channels.book(open("a"), roomy)).toEqual({ state: "known", command: stored });
  });

  it("takes a channel for the effect of one command only", async () => {
    await channels.book(open("a"), roomy);
    await channels.book(open("b"), roomy);
    expect(await channels.conclude(idOf("a"), done("x:0"))).toMatchObject({ state: "done" });
    expect(await channels.conclude(idOf("b"), done("x:0"))).toBe("taken");
    expect((await channels.due(DAY)).commands).toMatchObject([{ id: idOf("b") }]);
    expect(await channels.conclude(idOf("b"), done("x:1"))).toMatchObject({ state: "done" });
  });

  it("returns what was not done to the budget of its day, and keeps what was", async () => {
    await channels.book(open("a"), roomy);
    await channels.book(open("b"), roomy);
    await channels.book(open("later", { bookedMs: NOW + 86_400_000 }), roomy);
    await channels.conclude(idOf("a"), done("x:0"));
    await channels.conclude(idOf("b"), { ...refused, state: "unknown" });
    await channels.conclude(idOf("b"), { ...refused, state: "unknown" });
    expect((await channels.due(DAY)).used).toEqual({ opens: 1, feesSat: 200 });
    expect((await channels.due("2026-02-01")).used).toEqual({ opens: 1, feesSat: 200 });
    expect((await channels.due("2026-02-02")).used).toEqual({ opens: 0, feesSat: 0 });
    expect((await channels.due(DAY)).spentSat).toBe(100_200);
  });

  it("refuses more than the budget of the day, which races cannot exceed", async () => {
    const allowed = { ...roomy, opensPerDay: 3 };
    const tries = Array.from({ length: 12 }, (_, index) => channels.book(open(`a${String(index)}`), allowed));
    const answers = await Promise.all(tries);
    expect(answers.filter(({ state }) => state === "booked")).toHaveLength(3);
    expect(answers.at(-1)).toEqual({ state: "over", used: { opens: 3, feesSat: 600 }, inFlightSat: 300_600 });
    const fees = { ...roomy, feesPerDaySat: 799 };
    expect(await channels.book(open("fees"), fees)).toMatchObject({ state: "over" });
    expect(await channels.book(open("fees"), { ...fees, feesPerDaySat: 800 })).toMatchObject({ state: "booked" });
    expect(await channels.book(free("free"), { ...roomy, opensPerDay: 0, feesPerDaySat: 0 })).toMatchObject({
      state: "booked",
    });
  });

  it("keeps the reserve, also from balances that were read before another command spent", async () => {
    const allowed = { ...roomy, confirmedSat: 250_400, reserveSat: 50_000 };
    expect(await channels.book(open("a"), allowed)).toMatchObject({ state: "booked" });
    expect(await channels.book(open("b"), allowed)).toMatchObject({ state: "booked" });
    expect(await channels.book(open("c"), allowed)).toMatchObject({ state: "over", inFlightSat: 200_400 });
    await channels.conclude(idOf("a"), done("x:0"));
    expect(await channels.book(open("c"), allowed)).toMatchObject({ state: "over", inFlightSat: 200_400 });
    const fresh = { ...allowed, confirmedSat: 250_400, spentSat: (await channels.due(DAY)).spentSat };
    expect(await channels.book(open("c"), fresh)).toMatchObject({ state: "booked" });
  });

  it("lists commands, the newest first, and keeps them when the process ends", async () => {
    for (const name of ["a", "b", "c"]) await channels.book(open(name), roomy);
    await channels.ask(idOf("a"), NOW + 1);
    await channels.conclude(idOf("b"), done("x:0"));
    await stores.close();
    stores = await fixture.open();
    ({ channels } = stores);
    const first = await channels.before(NEWEST, 2);
    expect(first).toMatchObject([
      { id: idOf("c"), state: "booked" },
      { id: idOf("b"), state: "done", conclusion: done("x:0") },
    ]);
    const rest = await channels.before(first.at(-1)?.number ?? 0, 2);
    expect(rest).toMatchObject([{ id: idOf("a"), state: "asked", askedMs: NOW + 1 }]);
    expect((await channels.due(DAY)).commands).toMatchObject([{ id: idOf("a") }, { id: idOf("c") }]);
  });
}
