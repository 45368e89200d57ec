import { describe, expect, it } from "vitest";
import { CONDUCT_MS, INVOICE_MS, MAX_HELD_MS, TRUSTED_MS } from "../../src/core/deposit.js";
import type { DeviceKey, PersonKey, SessionId } from "../../src/core/ids.js";
import { caller, openDepositStage } from "./support/deposit-stage.js";

const MINUTE_MS = 60_000;

describe("a newcomer", () => {
  it("is matched once a deposit is held, and not before", async () => {
    const { clock, node, start } = await openDepositStage();
    const deposits = start();
    await expect(deposits.admit(caller("s"))).rejects.toMatchObject({ reason: "deposit_required" });
    const asked = await deposits.request(caller("s"));
    expect(asked).toMatchObject({ state: "asked", amountSat: 500, invoice: `lnbcrt-${asked.paymentHash}` });
    await expect(deposits.admit(caller("s"))).rejects.toMatchObject({ reason: "deposit_required" });
    node.pay(asked.paymentHash);
    await clock.pass(1_000);
    await deposits.admit(caller("s"));
    expect(await deposits.own(caller("s"))).toMatchObject({ id: asked.id, state: "held" });
    await expect(deposits.admit(caller("other"))).rejects.toMatchObject({ reason: "deposit_required" });
  });

  it("gets the same deposit when it asks again, also at once, and from another instance", async () => {
    const { node, start } = await openDepositStage();
    const [one, other] = [start("i"), start("j")];
    const asked = await Promise.all([one, other, one].map((deposits) => deposits.request(caller("s"))));
    expect(new Set(asked.map(({ invoice }) => invoice)).size).toBe(1);
    node.pay(asked[0]?.paymentHash ?? "");
    expect((await other.request(caller("s"))).state).toBe("held");
    await one.admit(caller("s"));
  });

  it("gets another deposit when the first was not paid in time", async () => {
    const { clock, node, start, stateOf } = await openDepositStage();
    const deposits = start();
    const first = await deposits.request(caller("s"));
    await clock.pass(INVOICE_MS);
    const second = await deposits.request(caller("s"));
    expect(second.invoice).not.toBe(first.invoice);
    expect(await stateOf(first)).toBe("lapsed");
    expect(() => {
      node.pay(first.paymentHash);
    }).toThrow();
  });

  it("pays none if the app vouches for it", async () => {
    const { start } = await openDepositStage();
    await start().admit(caller("s", { person: "~ann" as PersonKey }));
  });

  it("is not let in for nothing because an instance stopped before the payment", async () => {
    const { start, stateOf } = await openDepositStage();
    const deposits = start();
    const asked = await deposits.request(caller("s"));
    await deposits.stop();
    expect(await stateOf(asked)).toBe("released shutdown");
    await expect(deposits.admit(caller("s"))).rejects.toMatchObject({ reason: "deposit_required" });
  });

  it("leaves nothing for long if it does not pay", async () => {
    const { stores, clock, start, pass, stateOf } = await openDepositStage();
    const deposits = start();
    const asked = await deposits.request(caller("s"));
    await pass(deposits, INVOICE_MS);
    expect(await stateOf(asked)).toBe("lapsed");
    await clock.pass(10 * MINUTE_MS + 1);
    await stores.deposits.prune(clock.nowMs(), 10);
    expect(await stores.deposits.get(asked.id)).toBeUndefined();
  });

  it("learns that it has no deposit", async () => {
    const { start } = await openDepositStage();
    await expect(start().own(caller("s"))).rejects.toMatchObject({ reason: "deposit_unknown" });
  });
});

describe("a held deposit", () => {
  it("is returned for good conduct, after which its browser needs none for a month", async () => {
    const { clock, node, start, pass, stateOf, hold } = await openDepositStage();
    const deposits = start();
    const device = "^browser" as DeviceKey;
    const held = await hold(deposits, caller("s", { device }));
    await pass(deposits, CONDUCT_MS - 5_000);
    expect(await stateOf(held)).toBe("held");
    await pass(deposits, 10_000);
    expect(await stateOf(held)).toBe("released conduct");
    expect(node.outcomes).toEqual([`cancelled ${held.paymentHash}`]);
    await deposits.admit(caller("s"));
    await deposits.admit(caller("next", { device }));
    await expect(deposits.admit(caller("another"))).rejects.toMatchObject({ reason: "deposit_required" });
    await clock.pass(TRUSTED_MS);
    await expect(deposits.admit(caller("later", { device }))).rejects.toMatchObject({ reason: "deposit_required" });
  });

  it("stays within ten minutes when its person was reported, and vouches for nobody", async () => {
    const { start, pass, stateOf, hold } = await openDepositStage();
    const deposits = start();
    const device = "^browser" as DeviceKey;
    const held = await hold(deposits, caller("s", { device }));
    await deposits.reported("s" as SessionId);
    await deposits.left("s" as SessionId);
    await pass(deposits, MAX_HELD_MS - 5_000);
    expect(await stateOf(held)).toBe("held");
    await pass(deposits, 10 * MINUTE_MS - MAX_HELD_MS);
    expect(await stateOf(held)).toBe("released time");
    await expect(deposits.admit(caller("next", { device }))).rejects.toMatchObject({ reason: "deposit_required" });
  });

  it("is returned when its person leaves, who pays another for the next match", async () => {
    const { node, start, upkeep, stateOf, hold } = await openDepositStage();
    const deposits = start();
    const held = await hold(deposits);
    await deposits.left("s" as SessionId);
    await upkeep(deposits);
    expect(await stateOf(held)).toBe("released left");
    expect(node.outcomes).toEqual([`cancelled ${held.paymentHash}`]);
    await expect(deposits.admit(caller("s"))).rejects.toMatchObject({ reason: "deposit_required" });
  });

  it("is returned well before its payment would expire on the chain", async () => {
    const { node, start, pass, stateOf } = await openDepositStage();
    const deposits = start();
    const asked = await deposits.request(caller("s"));
    node.pay(asked.paymentHash, 60);
    await deposits.own(caller("s"));
    node.height += 19;
    await pass(deposits, MINUTE_MS);
    expect(await stateOf(asked)).toBe("held");
    node.height += 1;
    await pass(deposits, MINUTE_MS);
    expect(await stateOf(asked)).toBe("released height");
  });

  it("is returned when its instance stops, and by the next process after a crash", async () => {
    const { node, start, stateOf, hold } = await openDepositStage();
    const [one, other] = [start("i"), start("j")];
    const [first, second] = [await hold(one, caller("a")), await hold(other, caller("b"))];
    await one.stop();
    expect([await stateOf(first), await stateOf(second)]).toEqual(["released shutdown", "held"]);
    await start("k").releaseLeftOver();
    expect(await stateOf(second)).toBe("released shutdown");
    expect(node.outcomes).toHaveLength(2);
  });

  it("is returned at once if its person leaves just before its instance stops", async () => {
    const { node, start, stateOf, hold } = await openDepositStage();
    const deposits = start();
    const held = await hold(deposits);
    await deposits.left("s" as SessionId);
    await deposits.stop();
    expect(await stateOf(held)).toBe("released left");
    expect(node.outcomes).toEqual([`cancelled ${held.paymentHash}`]);
  });

  it("that arrives when its invoice has expired is returned at once", async () => {
    const { clock, node, start, upkeep, stateOf } = await openDepositStage();
    const deposits = start();
    const asked = await deposits.request(caller("s"));
    node.pay(asked.paymentHash); // nobody looks
    await clock.pass(INVOICE_MS + 1);
    await upkeep(deposits);
    await upkeep(deposits);
    expect(await stateOf(asked)).toBe("released late");
    await expect(deposits.admit(caller("s"))).rejects.toMatchObject({ reason: "deposit_required" });
  });
});
