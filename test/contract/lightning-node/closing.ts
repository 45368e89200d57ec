import { expect, it } from "vitest";
import { NodeRefusal } from "../../../src/ports/lightning-node.js";
import { soon } from "../../support/soon.js";
import { CAPACITY_SAT } from "./harness.js";
import type { Steps } from "./index.js";

const together = { isForced: false, feeRateSatPerVbyte: 0 };
const byForce = { isForced: true, feeRateSatPerVbyte: 0 };

export function closingContract(steps: Steps): void {
  it("closes a channel together with the peer, and has its share back", async () => {
    const { harness } = steps();
    const { channelId, localMsat } = await steps().openChannel();
    const before = await harness.node.balances();
    await harness.node.close({ channelId, ...together });
    await steps().reaches(channelId, "closing", "closed");
    await steps().mineUntilClosed(channelId);
    const after = await harness.node.balances();
    const backSat = after.confirmedSat - before.confirmedSat;
    expect(backSat).toBeGreaterThan(localMsat / 1000 - harness.abilities.closingFeeSat);
    expect(backSat).toBeLessThan(CAPACITY_SAT);
    expect(await steps().find(channelId)).toMatchObject({ state: "closed", localMsat: 0, remoteMsat: 0 });
  });

  it("closes a channel once, however often it is asked", async () => {
    const { node } = steps().harness;
    const { channelId } = await steps().openChannel();
    await node.close({ channelId, ...together });
    await steps().reaches(channelId, "closing", "closed");
    await node.close({ channelId, ...together });
    await steps().mineUntilClosed(channelId);
    await node.close({ channelId, ...together });
    expect(await steps().find(channelId)).toMatchObject({ state: "closed" });
  });

  it("closes a channel by force, and counts the blocks until the money is back", async () => {
    const { harness } = steps();
    const { channelId, localMsat } = await steps().openChannel();
    const before = await harness.node.balances();
    await harness.node.close({ channelId, ...byForce });
    await steps().reaches(channelId, "force_closing");
    if (harness.abilities.countsBlocksLeft) {
      const blocksLeft = await soon(async () => {
        await harness.mine(1);
        const { blocksLeft: left = 0 } = await steps().reaches(channelId, "force_closing");
        expect(left).toBeGreaterThan(1);
        return left;
      });
      await harness.mine(1);
      await soon(async () => {
        expect((await steps().find(channelId))?.blocksLeft).toBe(blocksLeft - 1);
      });
    }
    await steps().mineUntilClosed(channelId);
    const after = await harness.node.balances();
    expect(after.confirmedSat - before.confirmedSat).toBeGreaterThan(
      localMsat / 1000 - 2 * harness.abilities.closingFeeSat,
    );
  });

  it("estimates what closing costs, and closes nothing", async () => {
    const { node, abilities } = steps().harness;
    const { channelId } = await steps().openChannel();
    const dearTerms = { channelId, isForced: false, feeRateSatPerVbyte: 20 };
    const usual = await node.estimateClose({ channelId, ...together });
    expect(usual.feeSat).toBeGreaterThan(0);
    if (abilities.takesFeeRates) {
      const cheap = await node.estimateClose({ ...dearTerms, feeRateSatPerVbyte: 2 });
      expect((await node.estimateClose(dearTerms)).feeSat).toBeGreaterThan(cheap.feeSat * 5);
    } else {
      await expect(node.estimateClose(dearTerms)).rejects.toThrow(NodeRefusal);
    }
    expect((await node.estimateClose({ channelId, ...byForce })).feeSat).toBeGreaterThan(0);
    expect(await steps().find(channelId)).toMatchObject({ state: "open" });
  });

  it.each([together, byForce])("refuses to close a channel that does not exist: %o", async (how) => {
    const channelId = `${"ab".repeat(32)}:0`;
    await expect(steps().harness.node.close({ channelId, ...how })).rejects.toThrow(NodeRefusal);
    await expect(steps().harness.node.estimateClose({ channelId, ...how })).rejects.toThrow(NodeRefusal);
  });
}
