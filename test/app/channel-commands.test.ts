import { expect, it } from "vitest";
import { UNNAMED } from "../../src/core/case.js";
import { ChannelStage, openAct, policy, times } from "./support/channel-stage.js";

const refusal = (reason: string, more: object = {}) => expect.objectContaining({ reason, ...more }) as unknown;

it("opens a channel once, however often it is asked to", async () => {
  const stage = await ChannelStage.open();
  const id = stage.id();
  const done = await stage.run(openAct(), id);
  expect(done).toMatchObject({ state: "done", conclusion: { channelId: stage.node.list[0]?.channelId } });
  expect(await stage.run(openAct(), id)).toEqual(done);
  await expect(stage.run(openAct({ capacitySat: 7 }), id)).rejects.toEqual(refusal("field_invalid"));
  expect(stage.node.opened).toHaveLength(1);
});

it("lets one of many callers with the same ID ask the node", async () => {
  const stage = await ChannelStage.open();
  const other = new ChannelStage(stage.store, stage.node);
  const id = stage.id();
  await Promise.all([stage, other, stage, other].map((one) => one.run(openAct(), id)));
  expect(stage.node.opened).toHaveLength(1);
});

it("tells what a command costs and what the policy says, without doing it", async () => {
  const stage = await ChannelStage.open({ opensPerDay: 0, allowedPeers: [`03${"b".repeat(64)}`] });
  const { feeSat, objections } = await stage.commands.try(openAct());
  expect(feeSat).toBe(300);
  expect(objections.map(({ field, rule }) => [field, rule])).toEqual([
    ["terms.peer_id", "allowed_peers"],
    ["terms", "opens_per_day"],
  ]);
  expect(stage.node.opened).toHaveLength(0);
  expect(await stage.store.before(Number.MAX_SAFE_INTEGER, 1)).toEqual([]);
});

it.each([
  ["to a peer that is not allowed", { allowedPeers: [`03${"b".repeat(64)}`] }, "terms.peer_id", "allowed_peers"],
  ["beyond the opens of a day", { opensPerDay: 0 }, "terms", "opens_per_day"],
  ["beyond the fees of a day", { feesPerDaySat: 299 }, "terms.fee_rate_sat_per_vbyte", "fees_per_day_sat"],
  ["into the reserve", { reserveSat: 9_899_701 }, "terms.capacity_sat", "reserve_sat"],
])("refuses an open %s, and names the field and the rule", async (_what, changed, field, problem) => {
  const stage = await ChannelStage.open(changed);
  await expect(stage.run(openAct())).rejects.toEqual(refusal("policy_refused", { context: { field, problem } }));
  expect(stage.node.opened).toHaveLength(0);
});

it("refuses everything that costs until a policy is set", async () => {
  const stage = await ChannelStage.open({ opensPerDay: 0, feesPerDaySat: 0 });
  await expect(stage.run(openAct())).rejects.toEqual(refusal("policy_refused"));
  await stage.store.setPolicy({ policy, by: UNNAMED, atMs: 0 });
  expect(await stage.run(openAct())).toMatchObject({ state: "done" });
});

it("passes the node's words on, returns the cost to the budget, and does not ask again", async () => {
  const stage = await ChannelStage.open();
  stage.node.next = "refused";
  const id = stage.id();
  const words = refusal("node_refused", { message: "peer is not online" });
  await expect(stage.run(openAct(), id)).rejects.toEqual(words);
  stage.node.next = "done";
  await expect(stage.run(openAct(), id)).rejects.toEqual(words);
  expect(stage.node.opened).toHaveLength(0);
  expect((await stage.store.due("2026-01-31")).used).toEqual({ opens: 0, feesSat: 0 });
});

it("passes on that a fee is out of the range that a peer accepts", async () => {
  const stage = await ChannelStage.open();
  await stage.run(openAct());
  const channelId = stage.node.list[0]?.channelId ?? "";
  const close = { kind: "close", channelId, isForced: false, reason: "", feeRateSatPerVbyte: 5_000 } as const;
  const message = expect.stringContaining("fee range") as string;
  await expect(stage.run(close)).rejects.toEqual(refusal("node_refused", { message }));
});

it("does not close a channel below the levels wanted, unless it is forced", async () => {
  const stage = await ChannelStage.open({ leastInboundSat: 1_000, leastOutboundSat: 50_000 });
  await stage.run(openAct());
  await stage.run(openAct({ pushSat: 1_000 }));
  const [plain, pushed] = stage.node.list.map(({ channelId }) => channelId);
  const close = (channelId = "", isForced = false) =>
    stage.run({ kind: "close", channelId, isForced, reason: "the peer is lost", feeRateSatPerVbyte: 0 });
  const context = { field: "terms.channel_id", problem: "least_inbound_sat" };
  await expect(close(pushed)).rejects.toEqual(refusal("policy_refused", { context }));
  expect(await close(pushed, true)).toMatchObject({ state: "done" });
  await expect(close(plain)).rejects.toEqual(refusal("policy_refused"));
  await expect(close("0".repeat(64) + ":9")).rejects.toEqual(refusal("channel_unknown"));
});

it.each([true, false])("finds the channel of an open whose answer was lost (command IDs: %s)", async (storesIds) => {
  const stage = await ChannelStage.open();
  stage.node.storesCommandIds = storesIds;
  await stage.run(openAct());
  stage.node.next = "lost";
  const id = stage.id();
  expect(await stage.run(openAct(), id)).toMatchObject({ state: "asked" });
  expect(await stage.run(openAct(), id)).toMatchObject({ state: "asked" });
  await stage.later(times.callMs);
  const channelId = stage.node.list[1]?.channelId;
  expect(await stage.run(openAct(), id)).toMatchObject({ state: "done", conclusion: { channelId } });
  expect(stage.node.opened).toHaveLength(2);
  expect((await stage.store.due("2026-01-31")).used).toEqual({ opens: 2, feesSat: 600 });
});

it("gives up an open that shows no effect once the node is synced, and never repeats it", async () => {
  const stage = await ChannelStage.open();
  stage.node.next = "never";
  const id = stage.id();
  expect(await stage.run(openAct(), id)).toMatchObject({ state: "asked" });
  stage.node.next = "done";
  stage.node.isSynced = false;
  await stage.later(times.graceMs);
  expect(await stage.store.get(id)).toMatchObject({ state: "asked" });
  expect(stage.reconciliation.uncertain).toBe(1);
  stage.node.isSynced = true;
  await stage.later(1);
  expect(await stage.run(openAct(), id)).toMatchObject({ state: "unknown" });
  expect(stage.node.opened).toHaveLength(0);
  expect((await stage.store.due("2026-01-31")).used).toEqual({ opens: 0, feesSat: 0 });
  await stage.later(1);
  expect(stage.reconciliation.uncertain).toBe(0);
});

it("takes a command that stays booked for one that was never sent", async () => {
  const stage = await ChannelStage.open();
  const id = stage.id();
  const limits = { ...policy, revision: 1, confirmedSat: 1e9, spentSat: 0 };
  const cost = { opens: 1, feeSat: 1, spendSat: 1 };
  const draft = { id, act: openAct(), by: UNNAMED, cost, bookedMs: stage.nowMs, knownChannels: [] };
  await stage.store.book(draft, limits);
  await stage.later(times.bookedMs - 1);
  expect(await stage.store.get(id)).toMatchObject({ state: "booked" });
  await stage.later(1);
  await expect(stage.run(openAct(), id)).rejects.toEqual(refusal("node_refused"));
  expect(stage.node.opened).toHaveLength(0);
});

it("does not take the channel of a command that is under way for that of one alike", async () => {
  const stage = await ChannelStage.open();
  stage.node.storesCommandIds = false;
  stage.node.next = "never";
  const lost = stage.id();
  await stage.run(openAct(), lost);
  let answer: () => void = () => undefined;
  stage.node.pause = new Promise((resolve) => {
    answer = resolve;
  });
  stage.node.next = "done";
  stage.nowMs += times.graceMs;
  const opening = stage.run(openAct());
  await expect.poll(() => stage.node.opened.length).toBe(1);
  await stage.later(0);
  expect(await stage.store.get(lost)).toMatchObject({ state: "asked" });
  answer();
  expect(await opening).toMatchObject({ state: "done", conclusion: { channelId: stage.node.list[0]?.channelId } });
  await stage.later(0);
  expect(await stage.store.get(lost)).toMatchObject({ state: "unknown" });
});

it("finds closes and fees whose answers were lost", async () => {
  const stage = await ChannelStage.open();
  await stage.run(openAct());
  const channelId = stage.node.list[0]?.channelId ?? "";
  const limits = { ...policy, revision: 1, confirmedSat: 1e9, spentSat: 0 };
  const none = { opens: 0, feeSat: 0, spendSat: 0 };
  const [fees, close] = [stage.id(), stage.id()];
  const common = { by: UNNAMED, cost: none, bookedMs: stage.nowMs, knownChannels: [] };
  const acts = {
    [fees]: { kind: "set_fees", channelId, baseMsat: 1_000, ratePpm: 5 },
    [close]: { kind: "close", channelId, isForced: true, reason: "x", feeRateSatPerVbyte: 0 },
  } as const;
  for (const id of [fees, close]) {
    await stage.store.book({ ...common, id, act: acts[id] ?? openAct() }, limits);
    await stage.store.ask(id, stage.nowMs);
  }
  await stage.later(1);
  expect((await stage.store.due("")).commands).toHaveLength(2);
  stage.node.change(channelId, { state: "force_closing", fees: { baseMsat: 1_000, ratePpm: 5 } });
  await stage.later(1);
  expect((await stage.store.due("")).commands).toEqual([]);
});

it("finds the channel of an open also when it is closed already, and has no command ID any more", async () => {
  const stage = await ChannelStage.open();
  stage.node.next = "lost";
  const id = stage.id();
  await stage.run(openAct(), id);
  const channelId = stage.node.list[0]?.channelId ?? "";
  stage.node.change(channelId, { state: "closed", commandId: undefined });
  await stage.later(times.graceMs);
  expect(await stage.store.get(id)).toMatchObject({ state: "done", conclusion: { channelId } });
});
