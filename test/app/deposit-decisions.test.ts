import { describe, expect, it } from "vitest";
import type { Moderator } from "../../src/core/case.js";
import { CONDUCT_MS } from "../../src/core/deposit.js";
import type { DepositId } from "../../src/core/ids.js";
import { caller, openDepositStage } from "./support/deposit-stage.js";

const ANN = "ann" as Moderator;
const MINUTE_MS = 60_000;

describe("a moderator", () => {
  it("keeps a held deposit, which is logged once, and nothing returns it", async () => {
    const { node, logged, start, pass, stateOf, hold } = await openDepositStage();
    const deposits = start();
    const held = await hold(deposits);
    await deposits.forfeit(held.id, ANN);
    await deposits.forfeit(held.id, ANN);
    expect(await stateOf(held)).toBe("forfeiting");
    await expect(deposits.admit(caller("s"))).rejects.toMatchObject({ reason: "deposit_required" });
    await expect(deposits.release(held.id, ANN)).rejects.toMatchObject({ reason: "deposit_over" });
    await deposits.stop();
    await pass(deposits, 11 * MINUTE_MS, MINUTE_MS);
    expect(await stateOf(held)).toBe("forfeited");
    expect(node.outcomes).toEqual([`settled ${held.paymentHash}`]);
    expect(logged).toEqual([
      { act: "deposit_forfeited", by: ANN, detail: held.id, atMs: expect.any(Number) as number },
    ]);
  });

  it("returns a held deposit before its time", async () => {
    const { logged, start, upkeep, stateOf, hold } = await openDepositStage();
    const deposits = start();
    const held = await hold(deposits);
    await deposits.release(held.id, ANN);
    await upkeep(deposits);
    expect(await stateOf(held)).toBe("released moderator");
    await expect(deposits.forfeit(held.id, ANN)).rejects.toMatchObject({ reason: "deposit_over" });
    expect(logged.map(({ act }) => act)).toEqual(["deposit_returned"]);
  });

  it("keeps or returns no deposit that is not held, or does not exist", async () => {
    const { logged, start } = await openDepositStage();
    const deposits = start();
    const asked = await deposits.request(caller("s"));
    await expect(deposits.forfeit(asked.id, ANN)).rejects.toMatchObject({ reason: "deposit_over" });
    await expect(deposits.release(asked.id, ANN)).rejects.toMatchObject({ reason: "deposit_over" });
    await expect(deposits.forfeit("none" as DepositId, ANN)).rejects.toMatchObject({ reason: "deposit_unknown" });
    expect(logged).toEqual([]);
  });

  it("and the end of the time do not both decide", async () => {
    const { clock, node, start, upkeep, stateOf, hold } = await openDepositStage();
    const deposits = start();
    const held = await hold(deposits);
    await clock.pass(CONDUCT_MS);
    const decided = await Promise.allSettled([deposits.forfeit(held.id, ANN), upkeep(deposits), upkeep(deposits)]);
    await upkeep(deposits);
    expect(decided.slice(1).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    expect(node.outcomes).toHaveLength(1);
    const kept = decided[0].status === "fulfilled";
    expect(await stateOf(held)).toBe(kept ? "forfeited" : "released conduct");
  });

  it("lists deposits, the latest changed first", async () => {
    const { node, start } = await openDepositStage();
    const deposits = start();
    const [first, second] = [await deposits.request(caller("a")), await deposits.request(caller("b"))];
    node.pay(first.paymentHash);
    await deposits.own(caller("a"));
    const { items } = await deposits.list(10, undefined);
    expect(items.map(({ id, state }) => [id, state])).toEqual([
      [first.id, "held"],
      [second.id, "asked"],
    ]);
  });
});

describe("while the node is away", () => {
  it("newcomers are admitted without a deposit, by default", async () => {
    const { node, start } = await openDepositStage();
    const deposits = start();
    node.isAway = true;
    await expect(deposits.admit(caller("s"))).rejects.toMatchObject({ reason: "deposit_required" });
    expect(await deposits.request(caller("s"))).toMatchObject({ state: "released", cause: "away", invoice: "" });
    await deposits.admit(caller("s"));
  });

  it("newcomers are refused, if the policy says so, and get their invoice when it is back", async () => {
    const { clock, node, start } = await openDepositStage();
    const deposits = start("i", "refuse");
    node.isAway = true;
    await expect(deposits.request(caller("s"))).rejects.toMatchObject({ reason: "node_away" });
    await expect(deposits.admit(caller("s"))).rejects.toMatchObject({ reason: "deposit_required" });
    node.isAway = false;
    await clock.pass(1_000);
    expect((await deposits.request(caller("s"))).invoice).not.toBe("");
  });

  it("held deposits are decided by time alone, and returned when it is back", async () => {
    const { node, errors, start, pass, stateOf, hold } = await openDepositStage();
    const deposits = start();
    const held = await hold(deposits);
    node.isAway = true;
    await pass(deposits, CONDUCT_MS + 10_000);
    expect(await stateOf(held)).toBe("releasing conduct");
    node.isAway = false;
    await pass(deposits, 10_000);
    expect(await stateOf(held)).toBe("released conduct");
    expect(errors).toEqual([]);
  });

  it("what the node refuses is told in its words", async () => {
    const { node, start } = await openDepositStage();
    node.refusal = "wallet locked";
    const asking = start().request(caller("s"));
    await expect(asking).rejects.toMatchObject({
      reason: "node_refused",
      message: expect.stringContaining("wallet locked") as string,
    });
  });

  it("a payment that returned by itself is not kept any more", async () => {
    const { node, metered, errors, start, upkeep, stateOf, hold } = await openDepositStage();
    const deposits = start();
    const held = await hold(deposits);
    await deposits.forfeit(held.id, ANN);
    node.end(held.paymentHash, "cancelled");
    await upkeep(deposits);
    expect(await stateOf(held)).toBe("released");
    expect(metered).toEqual(["asked", "held", "released"]);
    expect(errors).toEqual([]);
  });
});
