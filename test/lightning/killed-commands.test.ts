import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/adapters/node/clock.js";
import { ChannelReconciliation } from "../../src/app/channel-reconciliation.js";
import { NodeWatch } from "../../src/app/node-watch.js";
import type { ChannelAct } from "../../src/core/channel-command.js";
import { CLOSED_POLICY } from "../../src/core/channel-policy.js";
import { UNNAMED } from "../../src/core/case.js";
import type { CommandId } from "../../src/core/ids.js";
import type { LightningNode } from "../../src/ports/lightning-node.js";
import { programNamed } from "../support/build.js";
import { ldkHarness } from "../support/lightning/ldk-harness.js";
import { lmdbFixture } from "../support/store-fixture.js";
import { BridgedNode } from "./support/node-bridge.js";

const KILLS = 30;
/** All processes are dead when outcomes are looked for, and the node has done what it was asked: nothing is to be waited for. */
const AT_ONCE = { bookedMs: 0, callMs: 0, graceMs: 0 };
const policy = { ...CLOSED_POLICY, opensPerDay: 10 * KILLS, feesPerDaySat: 100_000_000 };

/**
 * The moments at which a process is killed: after a verb of the store, before or after a call of the node, when such a call
 * was sent and does not arrive, or at any moment.
 */
const moments = ["book", "ask", "open lost", "open before", "open after", "estimateOpen after", "conclude", "any"];

let harness: Awaited<ReturnType<typeof ldkHarness>>;
beforeAll(async () => {
  harness = await ldkHarness();
});
afterAll(() => harness.close());

/** The same node, as one that does not store the IDs of commands. */
function forgetful(node: LightningNode): LightningNode {
  const channels = async () => (await node.channels()).map((channel) => ({ ...channel, commandId: undefined }));
  return {
    ...{ info: async () => ({ ...(await node.info()), storesCommandIds: false }), channels },
    ...{ balances: () => node.balances(), changes: (signal) => node.changes(signal), end: () => node.end() },
    ...{ estimateOpen: (terms) => node.estimateOpen(terms), open: (terms) => node.open(terms) },
    ...{ estimateClose: (terms) => node.estimateClose(terms), close: (terms) => node.close(terms) },
    ...{ setFees: (id, fees) => node.setFees(id, fees), addHoldInvoice: (terms) => node.addHoldInvoice(terms) },
    ...{ holdInvoice: (hash) => node.holdInvoice(hash), settle: (preimage) => node.settle(preimage) },
    ...{ cancel: (hash) => node.cancel(hash) },
  } satisfies LightningNode;
}

describe.each([
  ["stores the IDs of commands", (node: LightningNode) => node, 400_000],
  ["does not", forgetful, 300_000],
])("a node that %s", (_what, as, capacitySat) => {
  it(`opens no channel twice, and loses none, when the server is killed ${String(KILLS)} times`, async () => {
    const fixture = await lmdbFixture();
    const node = as(harness.node);
    const first = await fixture.open();
    await first.channels.setPolicy({ policy, by: UNNAMED, atMs: 0 });
    await first.close();
    const { nodeId: peerId, address: peerAddress } = harness.peer;
    const terms = { peerId, peerAddress, capacitySat, pushSat: 0, isPrivate: true, feeRateSatPerVbyte: 0 };
    const act: ChannelAct = { kind: "open", ...terms };

    let killAt = "";
    const kill = (child: ChildProcess) => child.kill("SIGKILL");
    const bridge = new BridgedNode(node, (method, when, child) => {
      const isLost = when === "before" && killAt === `${method} lost`;
      if (isLost || killAt === `${method} ${when}`) kill(child);
      return !isLost;
    });
    /** Runs a command in a process of its own. Returns its answer; undefined if it was killed before. */
    const run = async (id: CommandId, afterMs?: number): Promise<string | undefined> => {
      const args = [fixture.folder, id, JSON.stringify(act), killAt];
      const child = fork(programNamed("channel-opener"), args, { execArgv: [] });
      bridge.serve(child);
      let state: string | undefined;
      child.on("message", (message: { state?: string }) => (state ??= message.state));
      if (afterMs !== undefined) child.once("message", () => setTimeout(kill, afterMs, child));
      await once(child, "exit");
      await bridge.idle();
      return state;
    };

    const killed: (string | undefined)[] = [];
    const ids = Array.from(
      { length: KILLS },
      (_, round) => `killed-${String(capacitySat)}-${String(round)}` as CommandId,
    );
    const outcomes: Record<string, number> = {};
    for (const [round, id] of ids.entries()) {
      const moment = moments[round % moments.length] ?? "";
      killAt = moment;
      killed.push(await run(id, moment === "any" ? round * 2 : undefined));
      killAt = "";
      await run(id); // its operator tries again
      const stores = await fixture.open();
      const store = stores.channels;
      const watch = new NodeWatch({ node, clock: systemClock, onAway: () => undefined, onError: () => undefined });
      await new ChannelReconciliation({ store, watch, clock: systemClock, settings: AT_ONCE }).run();
      const command = await store.get(id);
      const { state = "never booked" } = command ?? {};
      const outcome = `${moment}: ${state}`;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      expect((await store.due("")).commands).toEqual([]);
      await stores.close();
      const opened = (await harness.node.channels()).filter(({ commandId }) => commandId === id);
      expect(
        opened.map(({ channelId }) => channelId),
        killAt,
      ).toEqual(state === "done" ? [command?.conclusion?.channelId] : []);
      await harness.mine(1);
    }
    console.table(outcomes);
    expect(killed.filter((state) => state === undefined).length).toBeGreaterThan(KILLS * 0.8);
    expect(outcomes).toMatchObject({
      "book: refused": 4,
      "ask: unknown": 4,
      "open lost: unknown": 4,
      "open after: done": 4,
    });
    const stores = await fixture.open();
    const all = (await harness.node.channels()).filter((channel) => channel.capacitySat === capacitySat);
    const done = (await stores.channels.before(Number.MAX_SAFE_INTEGER, 1_000)).filter(({ state }) => state === "done");
    expect(done.map(({ conclusion }) => conclusion?.channelId).sort()).toEqual(
      all.map(({ channelId }) => channelId).sort(),
    );
    await stores.close();
    await fixture.remove();
  });
});
