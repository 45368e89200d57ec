import { expect, it } from "vitest";
import { NodeRefusal } from "../../../src/ports/lightning-node.js";
import { CAPACITY_SAT, FUNDS_SAT, PUSHED_SAT } from "./harness.js";
import type { Steps } from "./index.js";

/** A valid public key of a node that nobody runs. */
const NOBODY = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

export function openingContract(steps: Steps): void {
  it("says who it is, and that it is synced on regtest", async () => {
    const info = await steps().harness.node.info();
    expect(info).toMatchObject({ network: "regtest", isSynced: true });
    expect(info.nodeId).toMatch(/^0[23][0-9a-f]{64}$/);
    expect(info.version).toMatch(/^[a-z]+ \d/);
  });

  it("counts blocks", async () => {
    const { harness } = steps();
    const before = (await harness.node.info()).blockHeight;
    await harness.mine(3);
    expect((await harness.node.info()).blockHeight).toBe(before + 3);
  });

  it("has money on the chain", async () => {
    expect((await steps().harness.node.balances()).confirmedSat).toBeGreaterThanOrEqual(FUNDS_SAT);
  });

  it("opens a channel, and lists it from its acceptance on by the same ID", async () => {
    const { harness, reaches, terms } = bound(steps);
    const listed = async () => (await harness.node.channels()).map((channel) => channel.channelId);
    const wanted = terms();
    const before = await listed();
    const opening = harness.node.open(wanted);
    const during = await listed();
    const { channelId } = await opening;
    expect(channelId).toMatch(/^[0-9a-f]{64}:\d+$/);
    for (const seen of [during, await listed()]) expect([...before, channelId]).toEqual(expect.arrayContaining(seen));
    const known = { channelId, peerId: wanted.peerId, isInitiator: true, capacitySat: CAPACITY_SAT };
    expect(await reaches(channelId, "pending_open")).toMatchObject(known);
    await harness.mine(8);
    const channel = await reaches(channelId, "open");
    expect(channel).toMatchObject({ ...known, pendingHtlcs: 0 });
    expect(channel.remoteMsat).toBe(PUSHED_SAT * 1000);
    expect(channel.localMsat).toBeGreaterThan((CAPACITY_SAT - PUSHED_SAT) * 970);
    expect(channel.localMsat).toBeLessThanOrEqual((CAPACITY_SAT - PUSHED_SAT) * 1000);
  });

  it("keeps the command ID with the channel, if it says so", async () => {
    const { harness, reaches, terms } = bound(steps);
    const wanted = terms();
    const { channelId } = await harness.node.open(wanted);
    const { storesCommandIds } = await harness.node.info();
    const { commandId } = await reaches(channelId, "pending_open");
    expect(commandId).toBe(storesCommandIds ? wanted.commandId : undefined);
    await harness.mine(8);
    expect((await reaches(channelId, "open")).commandId).toBe(commandId);
  });

  it("spends no more than the capacity and the estimated fee", async () => {
    const { harness, terms } = bound(steps);
    await harness.mine(8);
    const wanted = terms();
    const { feeSat } = await harness.node.estimateOpen(wanted);
    expect(feeSat).toBeGreaterThan(0);
    const before = await harness.node.balances();
    await harness.node.open(wanted);
    await harness.mine(8);
    const after = await harness.node.balances();
    const spentSat = before.confirmedSat + before.unconfirmedSat - after.confirmedSat - after.unconfirmedSat;
    expect(spentSat).toBeGreaterThan(CAPACITY_SAT);
    expect(spentSat).toBeLessThanOrEqual(CAPACITY_SAT + feeSat * 1.5);
  });

  it("estimates more for a higher fee rate, and opens nothing", async () => {
    const { harness, terms } = bound(steps);
    const before = await harness.node.channels();
    if (!harness.abilities.takesFeeRates) {
      await expect(harness.node.estimateOpen(terms({ feeRateSatPerVbyte: 2 }))).rejects.toThrow(NodeRefusal);
      await expect(harness.node.open(terms({ feeRateSatPerVbyte: 2 }))).rejects.toThrow(NodeRefusal);
      return;
    }
    const cheap = await harness.node.estimateOpen(terms({ feeRateSatPerVbyte: 2 }));
    const dear = await harness.node.estimateOpen(terms({ feeRateSatPerVbyte: 20 }));
    expect(dear.feeSat).toBeGreaterThan(cheap.feeSat * 5);
    expect(await harness.node.channels()).toHaveLength(before.length);
  });

  it("refuses to spend more than it has, in words, and opens nothing", async () => {
    const { harness, terms } = bound(steps);
    const before = await harness.node.channels();
    const { confirmedSat, unconfirmedSat } = await harness.node.balances();
    // Beyond the largest channel, implementations refuse for another reason.
    const capacitySat = Math.min(confirmedSat + unconfirmedSat + 100_000, 2 ** 34);
    const refusal: unknown = await harness.node.open(terms({ capacitySat })).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(NodeRefusal);
    expect((refusal as NodeRefusal).message).toMatch(/\w+ \w+/);
    expect(await harness.node.channels()).toHaveLength(before.length);
  });

  it("refuses a peer that it cannot reach", async () => {
    const { harness, terms } = bound(steps);
    const wanted = terms({ peerId: NOBODY, peerAddress: "" });
    await expect(harness.node.open(wanted)).rejects.toThrow(NodeRefusal);
  });

  it("opens private channels", async () => {
    expect(await steps().openChannel({ isPrivate: true })).toMatchObject({ isPrivate: true });
  });

  it("opens channels that others may use, or refuses to", async () => {
    const { harness, terms, openChannel } = bound(steps);
    if (harness.abilities.opensPublicChannels) {
      expect(await openChannel({ isPrivate: false })).toMatchObject({ isPrivate: false });
    } else {
      await expect(harness.node.open(terms({ isPrivate: false }))).rejects.toThrow(NodeRefusal);
    }
  });

  it("sets the fees of one channel, twice with the same effect", async () => {
    const { harness, openChannel, find } = bound(steps);
    const [one, other] = [await openChannel(), await openChannel()];
    const fees = { baseMsat: 1_500, ratePpm: 777 };
    if (!harness.abilities.setsFees) {
      await expect(harness.node.setFees(one.channelId, fees)).rejects.toThrow(NodeRefusal);
      return;
    }
    await harness.node.setFees(one.channelId, fees);
    await harness.node.setFees(one.channelId, fees);
    expect((await find(one.channelId))?.fees).toEqual(fees);
    expect((await find(other.channelId))?.fees).toEqual(other.fees);
  });

  it("refuses to set the fees of a channel that does not exist", async () => {
    const fees = { baseMsat: 0, ratePpm: 1 };
    const unknown = `${"ab".repeat(32)}:0`;
    await expect(steps().harness.node.setFees(unknown, fees)).rejects.toThrow(NodeRefusal);
  });
}

/** The steps as functions. */
function bound(steps: Steps) {
  const given = steps();
  return {
    harness: given.harness,
    terms: given.terms.bind(given),
    find: given.find.bind(given),
    reaches: given.reaches.bind(given),
    openChannel: given.openChannel.bind(given),
  };
}
