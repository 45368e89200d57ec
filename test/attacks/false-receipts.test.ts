import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import { invoiceOf } from "../support/invoice.js";
import { pair } from "../support/pair.js";
import { readRefusal } from "../support/refusal.js";
import { TestClient } from "../support/test-client.js";
import { report, Target } from "./support/target.js";

const AMOUNT_MSAT = 21_000;
const TRIES = 100;

let target: Target;
beforeAll(async () => {
  target = await Target.start({
    MAX_CONNECTIONS_PER_IP: "10000",
    RATE_LIMIT_MAX_REQUESTS: "100000",
    LIGHTNING_NETWORK: "regtest",
  });
});
afterAll(() => target.close());

async function offeredTip() {
  const { offerer: payer, answerer: payee, matchId } = await pair(target.transport());
  const tipId = randomUUID();
  await payer.tips.offer({ tipId, matchId, amountMsat: BigInt(AMOUNT_MSAT), comment: "" });
  return { payer, payee, matchId, tipId, ...invoiceOf({ amountMsat: AMOUNT_MSAT }) };
}

/** The reasons for which calls are refused, and "ok" for those that are not. */
async function outcomes(calls: Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(calls);
  return [
    ...new Set(settled.map((call) => (call.status === "fulfilled" ? "ok" : (readRefusal(call.reason).reason ?? "?")))),
  ];
}

const receive = (person: TestClient, tipId: string) =>
  outcomes(Array.from({ length: TRIES }, () => person.tips.confirmReceipt({ tipId })));

/** The states of a tip that a session hears of until it leaves its match. */
async function statesHeard(person: TestClient): Promise<Tip_State[]> {
  await person.leave();
  const states: Tip_State[] = [];
  for (let { event } = await person.next(); event.case !== "matchEnded"; { event } = await person.next()) {
    if (event.case === "tipUpdated") states.push(event.value.tip?.state ?? Tip_State.UNSPECIFIED);
  }
  return states;
}

it("a payee who says a hundred times that money arrived never settles a tip, and tells the payer once", async () => {
  const { payer, payee, tipId, invoice, preimage } = await offeredTip();
  const early = await receive(payee, tipId);
  await payee.tips.sendInvoice({ tipId, invoice });
  const invoiced = await receive(payee, tipId);
  // The payee knows the preimage of its own invoice.
  const proof = await outcomes([payee.tips.confirm({ tipId, preimage })]);
  const heard = await statesHeard(payer);
  report("a false receipt, a hundred times each", {
    early: early.join(),
    invoiced: invoiced.join(),
    proof: proof.join(),
    heard: heard.map((state) => Tip_State[state]).join(),
  });
  expect({ early, invoiced, proof }).toEqual({ early: ["TIP_OVER"], invoiced: ["ok"], proof: ["TIP_SIDE"] });
  expect(heard).toEqual([Tip_State.OFFERED, Tip_State.INVOICED, Tip_State.RECEIVED]);
  await payer.tips.confirm({ tipId, preimage });
});

it("nobody else says that money arrived: not the payer, not a stranger, not the payee of another tip", async () => {
  const [tip, other] = [await offeredTip(), await offeredTip()];
  const { payer, payee, tipId, invoice, preimage } = tip;
  await payee.tips.sendInvoice({ tipId, invoice });
  const stranger = await TestClient.open(target.transport());
  const refused = {
    payer: await receive(payer, tipId),
    stranger: await receive(stranger, tipId),
    payee: await receive(other.payee, tipId),
  };
  const unknown = await receive(payee, randomUUID());
  report("a receipt by others, a hundred times each", { ...refused, unknown: unknown.join() } as never);
  expect(refused).toEqual({ payer: ["TIP_SIDE"], stranger: ["TIP_UNKNOWN"], payee: ["TIP_UNKNOWN"] });
  expect(unknown).toEqual(["TIP_UNKNOWN"]);
  await payer.tips.confirm({ tipId, preimage });
  const late = await receive(payee, tipId);
  expect(late).toEqual(["ok"]);
  expect(await statesHeard(payer)).toEqual([
    ...[Tip_State.OFFERED, Tip_State.INVOICED, Tip_State.SETTLED, Tip_State.SETTLED],
  ]);
});
