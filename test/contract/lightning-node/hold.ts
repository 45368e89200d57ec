import { createHash, randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { NodeRefusal } from "../../../src/ports/lightning-node.js";
import { soon } from "../../support/soon.js";
import type { NodeSteps } from "./harness.js";
import type { Steps } from "./index.js";

const AMOUNT_MSAT = 21_000_000;
/** Blocks that a held payment has at least when it arrives. */
const CLTV_DELTA = 144;

export function holdContract(steps: Steps): void {
  /** A new hold invoice; undefined if the node has none, which it then says. */
  async function hold(amountMsat = AMOUNT_MSAT) {
    const { node, abilities } = steps().harness;
    const preimage = randomBytes(32).toString("hex");
    const paymentHash = createHash("sha256").update(preimage, "hex").digest("hex");
    const rest = { memo: "a deposit", expirySeconds: 600, minFinalCltvDelta: CLTV_DELTA };
    const terms = { paymentHash, amountMsat, ...rest };
    if (!abilities.holdInvoices) {
      await expect(node.addHoldInvoice(terms)).rejects.toThrow(NodeRefusal);
      return undefined;
    }
    return { preimage, paymentHash, terms, ...(await node.addHoldInvoice(terms)) };
  }

  /** Waits until the payment of an invoice is in a state. */
  const reaches = (paymentHash: string, state: string) =>
    soon(async () => {
      expect(await steps().harness.node.holdInvoice(paymentHash)).toMatchObject({ state, amountMsat: AMOUNT_MSAT });
    });

  it("holds a payment and takes it, twice with the same effect", async () => {
    const held = await hold();
    if (held === undefined) return;
    const { node, peer } = steps().harness;
    const { channelId, localMsat } = await steps().openChannel();
    expect(await node.holdInvoice(held.paymentHash)).toMatchObject({ state: "open", amountMsat: AMOUNT_MSAT });
    const paying = peer.pay(held.invoice);
    await reaches(held.paymentHash, "held");
    await node.settle(held.preimage);
    await node.settle(held.preimage);
    expect(await paying).toBe(held.preimage);
    await reaches(held.paymentHash, "settled");
    const received = await totalMsat(steps());
    expect(received).toBeGreaterThan(0);
    expect((await steps().find(channelId))?.localMsat).toBeGreaterThanOrEqual(localMsat);
  });

  it("shows a held payment among its HTLCs, with the height at which it returns", async () => {
    const held = await hold();
    if (held === undefined) return;
    const { node, peer } = steps().harness;
    await steps().openChannel();
    const { blockHeight } = await node.info();
    const paying = peer.pay(held.invoice);
    await reaches(held.paymentHash, "held");
    const { expiryHeight = 0 } = (await node.holdInvoice(held.paymentHash)) ?? {};
    expect(expiryHeight).toBeGreaterThanOrEqual(blockHeight + CLTV_DELTA);
    const busy = (await node.channels()).filter(({ pendingHtlcs }) => pendingHtlcs > 0);
    expect(busy).toMatchObject([{ pendingHtlcs: 1, nextHtlcExpiryHeight: expiryHeight }]);
    await node.settle(held.preimage);
    await paying;
  });

  it("returns a held payment to its payer, twice with the same effect", async () => {
    const held = await hold();
    if (held === undefined) return;
    const { node, peer } = steps().harness;
    await steps().openChannel();
    const before = await totalMsat(steps());
    const paying = peer.pay(held.invoice).then(
      () => "paid",
      () => "returned",
    );
    await reaches(held.paymentHash, "held");
    await node.cancel(held.paymentHash);
    await node.cancel(held.paymentHash);
    expect(await paying).toBe("returned");
    await reaches(held.paymentHash, "cancelled");
    expect(await totalMsat(steps())).toBe(before);
  });

  it("cancels an unpaid invoice, which nobody can pay any more", async () => {
    const held = await hold();
    if (held === undefined) return;
    const { node, peer } = steps().harness;
    await node.cancel(held.paymentHash);
    await reaches(held.paymentHash, "cancelled");
    await expect(peer.pay(held.invoice)).rejects.toThrow();
    expect(await node.holdInvoice(held.paymentHash)).toMatchObject({ state: "cancelled" });
  });

  it("creates one invoice for a hash, however often it is asked", async () => {
    const held = await hold();
    if (held === undefined) return;
    expect(await steps().harness.node.addHoldInvoice(held.terms)).toEqual({ invoice: held.invoice });
  });

  it("refuses an invoice for a hash that has another amount", async () => {
    const held = await hold();
    if (held === undefined) return;
    const other = { ...held.terms, amountMsat: AMOUNT_MSAT + 1000 };
    await expect(steps().harness.node.addHoldInvoice(other)).rejects.toThrow(NodeRefusal);
  });

  it("refuses to take what has not arrived or was returned", async () => {
    const [unpaid, returned] = [await hold(), await hold()];
    if (unpaid === undefined || returned === undefined) return;
    const { node } = steps().harness;
    await expect(node.settle(unpaid.preimage)).rejects.toThrow(NodeRefusal);
    await node.cancel(returned.paymentHash);
    await expect(node.settle(returned.preimage)).rejects.toThrow(NodeRefusal);
  });

  it("refuses to return what it has taken", async () => {
    const held = await hold();
    if (held === undefined) return;
    const { node, peer } = steps().harness;
    await steps().openChannel();
    const paying = peer.pay(held.invoice);
    await reaches(held.paymentHash, "held");
    await node.settle(held.preimage);
    await paying;
    await reaches(held.paymentHash, "settled");
    await expect(node.cancel(held.paymentHash)).rejects.toThrow(NodeRefusal);
  });

  it("knows nothing of other hashes", async () => {
    const { node, abilities } = steps().harness;
    const paymentHash = randomBytes(32).toString("hex");
    if (abilities.holdInvoices) expect(await node.holdInvoice(paymentHash)).toBeUndefined();
    await expect(node.cancel(paymentHash)).rejects.toThrow(NodeRefusal);
  });
}

/** What the node has in all its channels. */
async function totalMsat({ harness }: NodeSteps): Promise<number> {
  const channels = await harness.node.channels();
  return channels.reduce((sum, { localMsat }) => sum + localMsat, 0);
}
