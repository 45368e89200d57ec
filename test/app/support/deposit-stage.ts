import { onTestFinished } from "vitest";
import { systemRandom } from "../../../src/adapters/node/random.js";
import type { Caller } from "../../../src/app/caller.js";
import { attendDeposits } from "../../../src/app/deposit-upkeep.js";
import { Deposits } from "../../../src/app/deposits.js";
import type { AuditDraft } from "../../../src/core/audit.js";
import type { Deposit } from "../../../src/core/deposit.js";
import type { SessionId } from "../../../src/core/ids.js";
import { SlowClock } from "../../support/slow-clock.js";
import { lmdbFixture } from "../../support/store-fixture.js";
import { HoldNode } from "./hold-node.js";

export const caller = (name: string, about: Partial<Caller> = {}): Caller => ({
  ...{ sessionId: name as SessionId, person: undefined, device: undefined, host: "192.0.2.1" },
  ...about,
});

/** What a test of deposits needs: instances on one store and one node, and a clock that the test moves. */
export async function openDepositStage() {
  const fixture = await lmdbFixture();
  const stores = await fixture.open();
  onTestFinished(async () => {
    await stores.close();
    await fixture.remove();
  });
  const [clock, node] = [new SlowClock(), new HoldNode()];
  const [logged, metered, errors]: [AuditDraft[], string[], unknown[]] = [[], [], []];
  const logAct = (entry: AuditDraft) => {
    logged.push(entry);
    return Promise.resolve();
  };
  /** Starts an instance. */
  const start = (instance = "i", whenNodeAway: "admit" | "refuse" = "admit") =>
    new Deposits({
      ...{ node: node.node, deposits: stores.deposits, log: { logAct }, clock, random: systemRandom, instance },
      meter: { deposited: (outcome) => void metered.push(outcome) },
      secret: "a secret of at least 32 characters",
      settings: { amountSat: 500, whenNodeAway },
    });
  const onError = (error: unknown) => void errors.push(error);
  /** The upkeep of an instance works once, as it does each second. */
  const upkeep = (service: Deposits) =>
    attendDeposits({ node: node.node, deposits: stores.deposits, clock, service, onError });
  const pass = async (deposits: Deposits, ms: number, stepMs = 5_000) => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      await clock.pass(Math.min(stepMs, ms - passed));
      await upkeep(deposits);
    }
  };
  const stateOf = async ({ id }: Deposit) => {
    const { state, cause } = (await stores.deposits.get(id)) ?? {};
    return [state, cause].filter((part) => part !== undefined).join(" ");
  };
  /** Asks for a deposit and pays it. */
  const hold = async (deposits: Deposits, who = caller("s")) => {
    const { paymentHash } = await deposits.request(who);
    node.pay(paymentHash);
    return deposits.own(who);
  };
  return { stores, clock, node, logged, metered, errors, start, upkeep, pass, stateOf, hold };
}
