import { create } from "@bufbuild/protobuf";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  ChannelAlert,
  ChannelCommand_State as State,
  ChannelPolicySchema,
  ChannelService,
  ChannelState,
  type WatchChannelsResponse,
} from "../../gen/satoshigle/internal/v1/channel_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { FakeNode } from "../app/support/fake-node.js";
import { request } from "../support/http.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { soon } from "../support/soon.js";

const PEER = `02${"a".repeat(64)}`;
const terms = { peerId: PEER, capacitySat: 100_000n };
const limits = { opensPerDay: 100, feesPerDaySat: 100_000n, leastHtlcBlocks: 24 };
const as = (name: string) => ({ headers: { "x-satoshigle-moderator": name } });
let last = 0;
const commandId = () => `command-${String(++last).padStart(16, "0")}`;

let node: FakeNode;
let server: TestServer;
let channels: Client<typeof ChannelService>;
beforeAll(async () => {
  node = new FakeNode();
  server = await startServer({}, node);
  channels = createClient(ChannelService, createGrpcTransport({ baseUrl: server.internalUrl }));
});
afterAll(() => server.close());
beforeEach(async () => {
  node.list.splice(0);
  Object.assign(node, { confirmedSat: 10_000_000, isAway: false, isSynced: true, next: "done" });
  await channels.setPolicy({ policy: limits });
});

const open = async (changed: object = {}) => {
  const { command } = await channels.openChannel({ commandId: commandId(), terms: { ...terms, ...changed } });
  return command?.channelId ?? "";
};
const metrics = async () => (await request(`${server.internalUrl}/metrics`)).text.split("\n");

it("GetNode returns the node, its levels and the alerts of the policy", async () => {
  await open({ pushSat: 40_000n });
  const policy = { ...limits, leastInboundSat: 40_001n, leastOutboundSat: 60_000n, reserveSat: 20_000_000n };
  await channels.setPolicy({ policy });
  node.change(node.list[0]?.channelId ?? "", { pendingHtlcs: 1, nextHtlcExpiryHeight: node.blockHeight + 20 });
  const alerts = [ChannelAlert.INBOUND_LOW, ChannelAlert.RESERVE_LOW, ChannelAlert.HTLC_EXPIRING];
  expect(await channels.getNode({})).toMatchObject({
    ...{ isReachable: true, alias: "fake", network: "regtest", blockHeight: node.blockHeight, isSynced: true },
    ...{ confirmedSat: 9_899_700n, inboundSat: 40_000n, outboundSat: 60_000n, alerts },
  });
});

it("GetNode says what a node that is away said last, and other calls are refused", async () => {
  await channels.getNode({});
  node.isAway = true;
  const alerts = [ChannelAlert.NODE_AWAY];
  expect(await channels.getNode({})).toMatchObject({ isReachable: false, alias: "fake", alerts });
  expect(await refusalOf(channels.listChannels({}))).toMatchObject({ code: "Unavailable", reason: "NODE_AWAY" });
  expect(await metrics()).toContain('satoshigle_node_alerts{alert="node_away"} 1');
  expect(server.log).toContain("the Lightning node does not answer");
});

it("ListChannels returns pages by ID, by state", async () => {
  const ids = [await open(), await open(), await open()].sort();
  node.change(ids[1] ?? "", { state: "force_closing", blocksLeft: 144 });
  const first = await channels.listChannels({ pageSize: 2 });
  const second = await channels.listChannels({ pageSize: 2, pageToken: first.nextPageToken });
  expect([...first.channels, ...second.channels].map(({ channelId }) => channelId)).toEqual(ids);
  expect(second.nextPageToken).toBe("");
  const { channels: closing } = await channels.listChannels({ states: [ChannelState.FORCE_CLOSING] });
  expect(closing).toMatchObject([{ channelId: ids[1], state: ChannelState.FORCE_CLOSING, blocksLeft: 144 }]);
  const token = { pageToken: Buffer.from("tips 1").toString("base64url") };
  expect(await refusalOf(channels.listChannels(token))).toMatchObject({ code: "InvalidArgument" });
});

it("WatchChannels starts with all channels, follows each change, and continues at a cursor", async () => {
  const one = await open();
  const seen: WatchChannelsResponse[] = [];
  const leaving = new AbortController();
  const watching = (async (cursor = "") => {
    for await (const response of channels.watchChannels({ cursor }, { signal: leaving.signal })) seen.push(response);
  })().catch(() => undefined);
  const latest = () => seen.at(-1)?.change;
  await soon(() => {
    expect(latest()).toMatchObject({ case: "channel", value: { channelId: one } });
  });
  expect(seen[0]).toMatchObject({ startsAgain: true, change: { case: undefined } });
  const { cursor = "" } = seen.at(-1) ?? {};
  node.change(one, { state: "inactive" });
  await soon(() => {
    expect(latest()).toMatchObject({ value: { channelId: one, state: ChannelState.INACTIVE } });
  });
  node.forget(one);
  await soon(() => {
    expect(latest()).toEqual({ case: "forgottenChannelId", value: one });
  });
  leaving.abort();
  await watching;
  for await (const next of channels.watchChannels({ cursor })) {
    expect(next).toMatchObject({ startsAgain: false, change: { case: "forgottenChannelId", value: one } });
    break;
  }
  const ofAnotherProcess = Buffer.from("channelChanges 1 5").toString("base64url");
  for await (const next of channels.watchChannels({ cursor: ofAnotherProcess })) {
    expect(next).toMatchObject({ startsAgain: true });
    break;
  }
  const refused = refusalOf(channels.watchChannels({ cursor: "x" })[Symbol.asyncIterator]().next());
  expect(await refused).toMatchObject({ code: "InvalidArgument" });
});

describe("OpenChannel", () => {
  it("tells the cost and the objections in a dry run, and does nothing", async () => {
    await channels.setPolicy({ policy: { ...limits, opensPerDay: 0, reserveSat: 9_899_701n } });
    const before = node.opened.length;
    const trial = await channels.openChannel({ terms, dryRun: true });
    expect(trial.feeSat).toBe(300n);
    expect(trial.command).toBeUndefined();
    expect(trial.objections.map(({ field, rule }) => [field, rule])).toEqual([
      ["terms", "opens_per_day"],
      ["terms.capacity_sat", "reserve_sat"],
    ]);
    expect(node.opened.length).toBe(before);
  });

  it("opens a channel once for each ID, and lists it with its operator", async () => {
    const id = commandId();
    const { command } = await channels.openChannel({ commandId: id, terms }, as("ann"));
    const channelId = node.list[0]?.channelId;
    expect(command).toMatchObject({ commandId: id, operator: "ann", state: State.DONE, channelId, feeSat: 300n });
    expect((await channels.openChannel({ commandId: id, terms }, as("bob"))).command).toEqual(command);
    expect(node.list).toHaveLength(1);
    const { commands } = await channels.listCommands({ pageSize: 1 });
    expect(commands).toEqual([command]);
    const moderation = createClient(ModerationService, createGrpcTransport({ baseUrl: server.internalUrl }));
    const { entries } = await moderation.listAudit({ pageSize: 1 });
    expect(entries).toMatchObject([{ act: "channel_open_booked", moderator: "ann", detail: id }]);
  });

  it("passes the node's words on", async () => {
    node.next = "refused";
    const refused = await refusalOf(channels.openChannel({ commandId: commandId(), terms }));
    expect(refused).toMatchObject({
      code: "FailedPrecondition",
      reason: "NODE_REFUSED",
      message: "peer is not online",
    });
    const { commands } = await channels.listCommands({ pageSize: 1 });
    expect(commands).toMatchObject([{ state: State.REFUSED, words: "peer is not online", feeSat: 0n }]);
  });

  it("names the field and the rule of a refusal", async () => {
    await channels.setPolicy({ policy: { ...limits, allowedPeers: [`03${"b".repeat(64)}`] } });
    expect(await refusalOf(channels.openChannel({ commandId: commandId(), terms }))).toMatchObject({
      ...{ code: "FailedPrecondition", reason: "POLICY_REFUSED" },
      ...{ field: "terms.peer_id", problem: "allowed_peers" },
    });
  });

  it.each([
    ["without an ID", { terms }, "command_id"],
    ["that gives all of it away", { commandId: commandId(), terms: { ...terms, pushSat: 100_000n } }, "terms.push_sat"],
    ["to a key that is none", { commandId: commandId(), terms: { ...terms, peerId: "02" } }, "terms.peer_id"],
  ])("refuses a command %s", async (_what, bad, field) => {
    const refused = await refusalOf(channels.openChannel(bad));
    expect(refused).toMatchObject({ code: "InvalidArgument", field });
  });
});

describe("CloseChannel", () => {
  it("forces a channel only with a reason", async () => {
    const channelId = await open();
    const forced = (reason: string) => ({ commandId: commandId(), terms: { channelId, force: true, reason } });
    expect(await refusalOf(channels.closeChannel(forced(" ")))).toMatchObject({
      ...{ code: "InvalidArgument", field: "terms.reason" },
    });
    expect(node.list[0]?.state).toBe("open");
    const { command } = await channels.closeChannel(forced("the peer is lost"));
    const act = { case: "close", value: { channelId, force: true, reason: "the peer is lost" } };
    expect(command).toMatchObject({ state: State.DONE, act });
    expect(node.list[0]?.state).toBe("force_closing");
  });

  it("tells the cost in a dry run, and that a channel is not known", async () => {
    const channelId = await open();
    expect(await channels.closeChannel({ terms: { channelId }, dryRun: true })).toMatchObject({ feeSat: 300n });
    expect(node.list[0]?.state).toBe("open");
    const absent = { channelId: `${"f".repeat(64)}:0` };
    const refused = await refusalOf(channels.closeChannel({ commandId: commandId(), terms: absent }));
    expect(refused).toMatchObject({ code: "NotFound", reason: "CHANNEL_UNKNOWN" });
  });
});

it("SetChannelFees sets fees", async () => {
  const channelId = await open();
  const fees = { baseMsat: 1_000n, ratePpm: 250n };
  const { command } = await channels.setChannelFees({ commandId: commandId(), terms: { channelId, fees } });
  expect(command).toMatchObject({ state: State.DONE, act: { case: "setFees", value: { channelId, fees } } });
  expect((await channels.listChannels({})).channels).toMatchObject([{ fees }]);
});

it("SetPolicy replaces the revision that was read, and GetPolicy counts what is used today", async () => {
  const before = await channels.getPolicy({});
  await open();
  const { policy, revision, today } = await channels.getPolicy({});
  expect(policy).toEqual(create(ChannelPolicySchema, limits));
  expect(today?.opens).toBe((before.today?.opens ?? 0) + 1);
  expect(today?.feesSat).toBe((before.today?.feesSat ?? 0n) + 300n);
  const next = { ...limits, opensPerDay: 5 };
  expect(await channels.setPolicy({ policy: next, revision }, as("ann"))).toMatchObject({ revision: revision + 1n });
  expect(await channels.getPolicy({})).toMatchObject({ policy: { opensPerDay: 5 }, operator: "ann" });
  expect(await refusalOf(channels.setPolicy({ policy: next, revision }))).toMatchObject({
    ...{ code: "FailedPrecondition", reason: "POLICY_CHANGED" },
  });
});

it("metrics tell the levels, the channels by state and the alerts", async () => {
  await open({ pushSat: 40_000n });
  await channels.getNode({});
  expect(await metrics()).toEqual(
    expect.arrayContaining([
      ...["satoshigle_node_up 1", "satoshigle_node_synced 1", "satoshigle_node_onchain_sat 9899700"],
      ...["satoshigle_node_inbound_sat 40000", "satoshigle_node_outbound_sat 60000"],
      ...['satoshigle_node_channels{state="open"} 1', 'satoshigle_node_alerts{alert="reserve_low"} 0'],
    ]),
  );
});
