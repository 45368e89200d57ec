import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemRandom } from "../../src/adapters/node/random.js";
import { type DepositsDependencies, Deposits } from "../../src/app/deposits.js";
import { attendDeposits } from "../../src/app/deposit-upkeep.js";
import type { Caller } from "../../src/app/caller.js";
import type { AuditDraft } from "../../src/core/audit.js";
import type { Moderator } from "../../src/core/case.js";
import { CONDUCT_MS, type Deposit, INVOICE_MS, MAX_HELD_MS, TRUSTED_MS } from "../../src/core/deposit.js";
import type { DepositId, DeviceKey, PersonKey, SessionId } from "../../src/core/ids.js";
import { SlowClock } from "../support/slow-clock.js";
import { lmdbFixture, type OpenStores, type StoreFixture } from "../support/store-fixture.js";
import { HoldNode } from "./support/hold-node.js";

const ANN = "ann" as Moderator;
const MINUTE_MS = 60_000;

let fixture: StoreFixture;
let stores: OpenStores;
let clock: SlowClock;
let node: HoldNode;
let logged: AuditDraft[];
let errors: unknown[];
beforeEach(async () => {
  fixture = await lmdbFixture();
  stores = await fixture.open();
  [clock, node, logged, errors] = [new SlowClock(), new HoldNode(), [], []];
});
afterEach(async () => {
  await stores.close();
  await fixture.remove();
});

function start(instance = "i", whenNodeAway: "admit" | "refuse" = "admit"): Deposits {
  return new Deposits(partsOf(instance, whenNodeAway));
}

function partsOf(instance: string, whenNodeAway: "admit" | "refuse" = "admit"): DepositsDependencies {
  const logAct = (entry: AuditDraft) => {
    logged.push(entry);
    return Promise.resolve();
  };
  return {
    ...{ node: node.node, deposits: stores.deposits, log: { logAct }, clock, random: systemRandom },
    meter: { deposited: () => undefined },
    secret: "a secret of at least 32 characters",
    instance,
    settings: { amountSat: 500, whenNodeAway },
  };
}

const caller = (name: string, about: Partial<Caller> = {}): Caller => ({
  ...{ sessionId: name as SessionId, person: undefined, device: undefined, host: "192.0.2.1" },
  ...about,
});

/** Lets time pass, and the upkeep of every instance work as it does each second. */
async function pass(deposits: Deposits, ms: number, stepMs = 5_000): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    await clock.pass(Math.min(stepMs, ms - passed));
    await upkeep(deposits);
  }
}

function upkeep(service: Deposits): Promise<void> {
  const onError = (error: unknown) => void errors.push(error);
  return attendDeposits({ node: node.node, deposits: stores.deposits, clock, service, onError });
}

async function stateOf({ id }: Deposit): Promise<string> {
  const { state, cause } = (await stores.deposits.get(id)) ?? {};
  return [state, cause].filter((part) => part !== undefined).join(" ");
}

async function hold(deposits: Deposits, who = caller("s")): Promise<Deposit> {
  const { paymentHash } = await deposits.request(who);
  node.pay(paymentHash);
  return deposits.own(who);
}

describe("a newcomer", () => {
  it("is matched once a deposit is held, and not before", async () => {
    const deposits = start();
    await expect(deposits.admit(caller("s"))).rejects.toMatchObject({ reason: "deposit_required" });
    const asked = await deposits.request(caller("s"));
    expect(asked).toMatchObject({ state: "asked", amountSat: 500, invoice: `lnbcrt-${asked.paymentHash}` });
    await expect(deposits.admit(caller("s"))).rejects.toMatchObject({ reason: "deposit_required" });
    node.pay(asked.paymentHash);
    await deposits.admit(caller("s"));
    expect(await deposits.own(caller("s"))).toMatchObject({ id: asked.id, state: "held" });
    await expect(deposits.admit(caller("other"))).rejects.toMatchObject({ reason: "deposit_required" });
  });

  it("gets the same deposit when it asks again, also at once, and from another instance", async () => {
    const [one, other] = [start("i"), start("j")];
    const asked = await Promise.all([one, other, one].map((deposits) => deposits.request(caller("s"))));
    expect(new Set(asked.map(({ invoice }) => invoice)).size).toBe(1);
    node.pay(asked[0]?.paymentHash ?? "");
    expect((await other.request(caller("s"))).state).toBe("held");
    await one.admit(caller("s"));
  });

  it("gets another deposit when the first was not paid in time", async () => {
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
    await start().admit(caller("s", { person: "~ann" as PersonKey }));
  });

  it("learns that it has no deposit", async () => {
    await expect(start().own(caller("s"))).rejects.toMatchObject({ reason: "deposit_unknown" });
  });
});

describe("a held deposit", () => {
  it("is returned for good conduct, after which its browser needs none for a month", async () => {
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
    const deposits = start();
    const held = await hold(deposits);
    await deposits.left("s" as SessionId);
    await upkeep(deposits);
    expect(await stateOf(held)).toBe("released left");
    expect(node.outcomes).toEqual([`cancelled ${held.paymentHash}`]);
    await expect(deposits.admit(caller("s"))).rejects.toMatchObject({ reason: "deposit_required" });
  });

  it("is returned well before its payment would expire on the chain", async () => {
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
    const [one, other] = [start("i"), start("j")];
    const [first, second] = [await hold(one, caller("a")), await hold(other, caller("b"))];
    await one.stop();
    expect([await stateOf(first), await stateOf(second)]).toEqual(["released shutdown", "held"]);
    await start("k").releaseLeftOver();
    expect(await stateOf(second)).toBe("released shutdown");
    expect(node.outcomes).toHaveLength(2);
  });

  it("that arrives when its invoice has expired is returned at once", async () => {
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

describe("a moderator", () => {
  it("keeps a held deposit, which is logged once, and nothing returns it", async () => {
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
    const deposits = start();
    const held = await hold(deposits);
    await deposits.release(held.id, ANN);
    await upkeep(deposits);
    expect(await stateOf(held)).toBe("released moderator");
    await expect(deposits.forfeit(held.id, ANN)).rejects.toMatchObject({ reason: "deposit_over" });
    expect(logged.map(({ act }) => act)).toEqual(["deposit_returned"]);
  });

  it("keeps or returns no deposit that is not held, or does not exist", async () => {
    const deposits = start();
    const asked = await deposits.request(caller("s"));
    await expect(deposits.forfeit(asked.id, ANN)).rejects.toMatchObject({ reason: "deposit_over" });
    await expect(deposits.release(asked.id, ANN)).rejects.toMatchObject({ reason: "deposit_over" });
    await expect(deposits.forfeit("none" as DepositId, ANN)).rejects.toMatchObject({ reason: "deposit_unknown" });
    expect(logged).toEqual([]);
  });

  it("and the end of the time do not both decide", async () => {
    const deposits = start();
    const held = await hold(deposits);
    await clock.pass(CONDUCT_MS);
    const decided = await Promise.allSettled([deposits.forfeit(held.id, ANN), upkeep(deposits), upkeep(deposits)]);
    await upkeep(deposits);
    expect(decided.slice(1).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    expect(node.outcomes).toHaveLength(1);
    const kept = decided[0]?.status === "fulfilled";
    expect(await stateOf(held)).toBe(kept ? "forfeited" : "released conduct");
  });

  it("lists deposits, the latest changed first", async () => {
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
    const deposits = start();
    node.isAway = true;
    await expect(deposits.admit(caller("s"))).rejects.toMatchObject({ reason: "deposit_required" });
    expect(await deposits.request(caller("s"))).toMatchObject({ state: "released", cause: "away", invoice: "" });
    await deposits.admit(caller("s"));
  });

  it("newcomers are refused, if the policy says so, and get their invoice when it is back", async () => {
    const deposits = start("i", "refuse");
    node.isAway = true;
    await expect(deposits.request(caller("s"))).rejects.toMatchObject({ reason: "node_away" });
    await expect(deposits.admit(caller("s"))).rejects.toMatchObject({ reason: "deposit_required" });
    node.isAway = false;
    expect((await deposits.request(caller("s"))).invoice).not.toBe("");
  });

  it("held deposits are decided by time alone, and returned when it is back", async () => {
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
    node.refusal = "wallet locked";
    const asking = start().request(caller("s"));
    await expect(asking).rejects.toMatchObject({
      reason: "node_refused",
      message: expect.stringContaining("wallet locked") as string,
    });
  });

  it("a payment that returned by itself is not kept any more", async () => {
    const deposits = start();
    const held = await hold(deposits);
    await deposits.forfeit(held.id, ANN);
    node.end(held.paymentHash, "cancelled");
    await upkeep(deposits);
    expect(await stateOf(held)).toBe("released");
    expect(errors).toEqual([]);
  });
});
