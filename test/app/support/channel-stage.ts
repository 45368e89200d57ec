import { onTestFinished } from "vitest";
import { ChannelCommands } from "../../../src/app/channel-commands.js";
import { ChannelReconciliation } from "../../../src/app/channel-reconciliation.js";
import { NodeWatch } from "../../../src/app/node-watch.js";
import type { ChannelAct } from "../../../src/core/channel-command.js";
import { CLOSED_POLICY } from "../../../src/core/channel-policy.js";
import { UNNAMED } from "../../../src/core/case.js";
import type { CommandId } from "../../../src/core/ids.js";
import type { ChannelStore } from "../../../src/ports/channel-store.js";
import { lmdbFixture } from "../../support/store-fixture.js";
import { FakeNode } from "./fake-node.js";

export const PEER = `02${"a".repeat(64)}`;
export const policy = { ...CLOSED_POLICY, opensPerDay: 10, feesPerDaySat: 10_000 };
export const times = { bookedMs: 1_000, callMs: 2_000, graceMs: 10_000 };

export const openAct = (changed: object = {}): ChannelAct => ({
  ...{ kind: "open", peerId: PEER, peerAddress: "", capacitySat: 100_000, pushSat: 0 },
  ...{ isPrivate: false, feeRateSatPerVbyte: 0 },
  ...changed,
});

/** One instance's rules over a shared store and a shared node, by a clock that the test sets. */
export class ChannelStage {
  nowMs = Date.parse("2026-01-31T12:00:00Z");
  readonly errors: unknown[] = [];
  readonly clock = { nowMs: () => this.nowMs, after: () => () => undefined };
  readonly watch: NodeWatch;
  readonly commands: ChannelCommands;
  readonly reconciliation: ChannelReconciliation;
  #commands = 0;

  constructor(
    readonly store: ChannelStore,
    readonly node: FakeNode,
  ) {
    const onError = (error: unknown) => this.errors.push(error);
    const parts = { node, store, clock: this.clock, onError };
    this.watch = new NodeWatch({ ...parts, onAway: () => undefined });
    this.commands = new ChannelCommands({ ...parts, watch: this.watch });
    this.reconciliation = new ChannelReconciliation({ ...parts, watch: this.watch, settings: times });
  }

  static async open(changed: Partial<typeof policy> = {}): Promise<ChannelStage> {
    const fixture = await lmdbFixture();
    const stores = await fixture.open();
    onTestFinished(async () => {
      await stores.close();
      await fixture.remove();
    });
    await stores.channels.setPolicy({ policy: { ...policy, ...changed }, by: UNNAMED, atMs: 0 });
    return new ChannelStage(stores.channels, new FakeNode());
  }

  id(name = String(++this.#commands)): CommandId {
    return name.padEnd(16, "-") as CommandId;
  }

  run(act: ChannelAct, id = this.id()) {
    return this.commands.run({ id, act, by: UNNAMED });
  }

  /** Lets time pass, and looks for outcomes. */
  async later(ms: number): Promise<void> {
    this.nowMs += ms;
    await this.reconciliation.run();
  }
}
