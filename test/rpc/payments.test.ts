import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dayOf } from "../../src/core/day.js";
import { GrpcClient, type Message } from "../support/grpc.js";
import { invoiceOf } from "../support/invoice.js";
import { pair, roomy } from "../support/pair.js";
import { transportTo } from "../support/test-client.js";
import { startServer, type TestServer } from "../support/server.js";

const PAYMENTS = "satoshigle.internal.v1.PaymentService";

let server: TestServer;
let payments: GrpcClient;
beforeAll(async () => {
  server = await startServer({ ...roomy, LIGHTNING_NETWORK: "regtest" });
  payments = new GrpcClient(PAYMENTS, server.internalUrl);
});
afterAll(async () => {
  payments.close();
  await server.close();
});

/** Two matched clients, of which one tips the other. */
async function couple() {
  const { offerer: payer, answerer: payee, matchId } = await pair(transportTo(server.url));
  const offer = async (amountMsat = 5_000) => {
    const tipId = randomUUID();
    await payer.tips.offer({ tipId, matchId, amountMsat: BigInt(amountMsat), comment: "hi" });
    return tipId;
  };
  const settle = async (amountMsat = 5_000) => {
    const tipId = await offer(amountMsat);
    const made = invoiceOf({ amountMsat });
    await payee.tips.sendInvoice({ tipId, invoice: made.invoice });
    await payer.tips.confirm({ tipId, preimage: made.preimage });
    return { tipId, ...made };
  };
  const sides = { payerSessionId: payer.welcome.sessionId, payeeSessionId: payee.welcome.sessionId };
  return { payer, payee, matchId, sides, offer, settle };
}

const watched = async (count: number, request: object = {}) =>
  (await payments.take("watchTips", request, count)) as { cursor: string; tip: Message }[];
const newest = async () => {
  const { tips } = (await payments.call("listTips", { pageSize: 500 })) as { tips: Message[] };
  return tips;
};

it("GetTip returns a tip with the proof of its payment", async () => {
  const { matchId, sides, settle } = await couple();
  const { tipId, invoice, preimage, paymentHash } = await settle();
  const { tip } = (await payments.call("getTip", { tipId })) as { tip: Message };
  const known = { tipId, matchId, ...sides, invoice, preimage, paymentHash };
  expect(tip).toMatchObject({ ...known, amountMsat: 5_000, comment: "hi", state: "STATE_SETTLED" });
  await expect(payments.call("getTip", { tipId: randomUUID() })).rejects.toThrow("NOT_FOUND");
  await expect(payments.call("getTip", { tipId: "x" })).rejects.toThrow("INVALID_ARGUMENT: tip_id");
});

describe("ListTips", () => {
  it("returns pages, the latest change first", async () => {
    const { matchId, offer, payer } = await couple();
    const ids = [await offer(), await offer(), await offer()];
    await payer.tips.cancel({ tipId: ids[0] ?? "" });
    const first = await payments.call("listTips", { pageSize: 2, matchId });
    const second = await payments.call("listTips", { pageSize: 2, matchId, pageToken: first.nextPageToken });
    const listed = [...(first.tips as Message[]), ...(second.tips as Message[])].map(({ tipId }) => tipId);
    expect(listed).toEqual([ids[0], ids[2], ids[1]]);
    expect(second.nextPageToken).toBe("");
    await expect(payments.call("listTips", { pageToken: "x" })).rejects.toThrow("INVALID_ARGUMENT: page_token");
    await expect(payments.call("listTips", { pageSize: 501 })).rejects.toThrow("INVALID_ARGUMENT: page_size");
  });

  it("returns the tips of one session, given or received", async () => {
    const [one, other] = [await couple(), await couple()];
    const tipId = await one.offer();
    await other.offer();
    for (const sessionId of Object.values(one.sides)) {
      const { tips } = await payments.call("listTips", { sessionId });
      expect(tips).toMatchObject([{ tipId }]);
    }
  });
});

describe("WatchTips", () => {
  it("sends each tip's latest state after the cursor once, and then each change", async () => {
    const { settle, matchId } = await couple();
    const [first, second] = [await settle(1_000), await settle(2_000)];
    const all = (await newest()).length;
    const from = await watched(all);
    const ours = from.filter(({ tip }) => tip.matchId === matchId);
    expect(ours.map(({ tip }) => [tip.tipId, tip.state])).toEqual([
      [first.tipId, "STATE_SETTLED"],
      [second.tipId, "STATE_SETTLED"],
    ]);
    const cursor = ours[0]?.cursor ?? "";
    const after = watched(2, { cursor });
    const third = await settle(3_000);
    const changes = await after;
    expect(changes[0]?.tip).toMatchObject({ tipId: second.tipId, amountMsat: 2_000 });
    expect(changes[1]?.tip.tipId).toBe(third.tipId);
  });

  it("sends settled tips only, if requested", async () => {
    const { settle, offer } = await couple();
    const cursor = (await watched((await newest()).length)).at(-1)?.cursor ?? "";
    const settled = watched(2, { cursor, state: "STATE_SETTLED" });
    await offer();
    const ids = [(await settle()).tipId, (await settle()).tipId];
    expect((await settled).map(({ tip }) => tip.tipId)).toEqual(ids);
  });

  it("refuses an invalid cursor", async () => {
    await expect(watched(1, { cursor: "x" })).rejects.toThrow("INVALID_ARGUMENT: cursor");
  });
});

it("GetTotals returns the settled amounts of a match, a session and a day", async () => {
  const { matchId, sides, settle, offer } = await couple();
  const day = dayOf(Date.now());
  const ofDay = async () => ((await payments.call("getTotals", { day })).given as Message).amountMsat as number;
  const before = await ofDay();
  for (const amountMsat of [1_001, 2_002, 999_999_999]) await settle(amountMsat);
  await offer();
  const sum = { tipCount: 3, amountMsat: 1_000_003_002 };
  const none = { tipCount: 0, amountMsat: 0 };
  expect(await payments.call("getTotals", { matchId })).toMatchObject({ given: sum, received: null });
  const { payerSessionId, payeeSessionId } = sides;
  expect(await payments.call("getTotals", { sessionId: payerSessionId })).toMatchObject({ given: sum, received: none });
  expect(await payments.call("getTotals", { sessionId: payeeSessionId })).toMatchObject({ given: none, received: sum });
  if (dayOf(Date.now()) === day) expect((await ofDay()) - before).toBeGreaterThanOrEqual(sum.amountMsat);
  expect(await payments.call("getTotals", { matchId: "none" })).toMatchObject({ given: none });
  await expect(payments.call("getTotals", {})).rejects.toThrow("INVALID_ARGUMENT");
  await expect(payments.call("getTotals", { day: "today" })).rejects.toThrow("INVALID_ARGUMENT: day");
});
