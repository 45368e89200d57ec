import { expect, it } from "vitest";
import { NodeAway } from "../../../src/ports/lightning-node.js";
import { soon } from "../../support/soon.js";
import type { NodeSteps } from "./harness.js";
import type { Steps } from "./index.js";

export function watchContract(steps: Steps): void {
  it("announces a channel in each state that it goes through", async () => {
    const { harness } = steps();
    const seen = new Set<string>();
    const watched = watch(steps(), async () => {
      for (const channel of await harness.node.channels()) seen.add(`${channel.channelId} ${channel.state}`);
    });
    await soon(() => {
      expect(watched.count).toBeGreaterThan(0);
    });
    const { channelId } = await harness.node.open(steps().terms());
    await soon(() => {
      expect(seen).toContain(`${channelId} pending_open`);
    });
    await harness.mine(8);
    await soon(() => {
      expect(seen).toContain(`${channelId} open`);
    });
    await harness.node.close({ channelId, isForced: false, feeRateSatPerVbyte: 0 });
    await steps().mineUntilClosed(channelId);
    await soon(() => {
      expect(seen).toContain(`${channelId} closed`);
    });
    expect(await watched.end()).toBe("ended");
  });

  it("ends at once when the watching has been aborted before", async () => {
    const changes = steps().harness.node.changes(AbortSignal.abort());
    expect(await changes[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
  });

  it("says that the node went away, and can be watched again when it is back", async () => {
    const { harness } = steps();
    const watched = watch(steps(), () => Promise.resolve());
    await soon(() => {
      expect(watched.count).toBeGreaterThan(0);
    });
    await harness.stop();
    expect(await watched.outcome).toBeInstanceOf(NodeAway);
    await harness.start();
    const again = watch(steps(), () => Promise.resolve());
    await soon(() => {
      expect(again.count).toBeGreaterThan(0);
    });
    expect(await again.end()).toBe("ended");
  });
}

/** Watches the channels until the end, and calls for each announcement. */
function watch({ harness }: NodeSteps, onChange: () => Promise<void>) {
  const aborter = new AbortController();
  const state = { count: 0, outcome: Promise.resolve<unknown>(undefined), end };
  state.outcome = (async () => {
    const changes = harness.node.changes(aborter.signal)[Symbol.asyncIterator]();
    while ((await changes.next()).done !== true) {
      state.count++;
      await onChange();
    }
    return "ended";
  })().catch((error: unknown) => error);
  function end(): Promise<unknown> {
    aborter.abort();
    return state.outcome;
  }
  return state;
}
