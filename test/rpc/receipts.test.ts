import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import { GrpcClient, type Message } from "../support/grpc.js";
import { roomy } from "../support/pair.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { AMOUNT, expectNothingMore, invoiced, nextTip, offered } from "./support/tips.js";

let server: TestServer;
let payments: GrpcClient;
beforeAll(async () => {
  server = await startServer({ ...roomy, LIGHTNING_NETWORK: "regtest" });
  payments = new GrpcClient("satoshigle.internal.v1.PaymentService", server.internalUrl);
});
afterAll(async () => {
  payments.close();
  await server.close();
});

const recordOf = async (tipId: string) => (await payments.call("getTip", { tipId })).tip as Message;

describe("the receipt of a tip", () => {
  it("is told to both sides once, and a later proof settles the tip", async () => {
    const { payer, payee, tipId, invoice, preimage } = await invoiced(server);
    for (let time = 0; time < 2; time++) await payee.tips.confirmReceipt({ tipId });
    for (const person of [payer, payee]) {
      const tip = await nextTip(person);
      expect(tip).toMatchObject({ tipId, invoice, state: Tip_State.RECEIVED });
      expect([tip?.receiveTime, tip?.settleTime, tip?.expireTime].map((time) => time !== undefined)).toEqual([
        ...[true, false, false],
      ]);
    }
    await payer.tips.confirm({ tipId, preimage });
    for (const person of [payer, payee]) {
      const tip = await nextTip(person);
      expect(tip).toMatchObject({ tipId, state: Tip_State.SETTLED });
      expect(tip?.receiveTime && tip.settleTime).toBeDefined();
    }
    await payee.tips.confirmReceipt({ tipId });
    await expectNothingMore(payer, payee);
  });

  it("is kept beside the proof if it comes later, and the tip stays settled", async () => {
    const { payer, payee, tipId, preimage } = await invoiced(server);
    await payer.tips.confirm({ tipId, preimage });
    await Promise.all([nextTip(payer), nextTip(payee)]);
    expect(await recordOf(tipId)).toMatchObject({ state: "STATE_SETTLED", receiveTime: null });
    for (let time = 0; time < 2; time++) await payee.tips.confirmReceipt({ tipId });
    for (const person of [payer, payee]) {
      const tip = await nextTip(person);
      expect(tip?.state).toBe(Tip_State.SETTLED);
      expect(tip?.receiveTime).toBeDefined();
    }
    const record = await recordOf(tipId);
    expect(record).toMatchObject({ state: "STATE_SETTLED", preimage });
    expect(record.receiveTime && record.settleTime).toBeTruthy();
    await expectNothingMore(payer, payee);
  });

  it("holds for a tip that the payer cancelled", async () => {
    const { payer, payee, tipId } = await invoiced(server);
    await payer.tips.cancel({ tipId });
    await payee.tips.confirmReceipt({ tipId });
    expect(await nextTip(payer)).toMatchObject({ state: Tip_State.CANCELLED });
    expect(await nextTip(payer)).toMatchObject({ state: Tip_State.RECEIVED });
    expect(await recordOf(tipId)).toMatchObject({ state: "STATE_RECEIVED", preimage: "", settleTime: null });
  });

  it("is in Welcome for a payer who was away, and frees a place for another tip", async () => {
    const { payer, payee, tipId } = await invoiced(server);
    const { token } = payer.welcome;
    await payer.break();
    await payee.tips.confirmReceipt({ tipId });
    const back = await TestClient.open(transportTo(server.url), { token });
    expect(back.welcome.tips).toMatchObject([{ tipId, state: Tip_State.RECEIVED }]);
  });
});

describe("the receipt of a tip is refused", () => {
  it("without an invoice, from the payer, from another session, and for an unknown tip", async () => {
    const early = await offered(server);
    const { payer, payee, tipId } = await invoiced(server);
    const stranger = await TestClient.open(transportTo(server.url));
    const receive = (person: TestClient, id: string = tipId) => refusalOf(person.tips.confirmReceipt({ tipId: id }));
    const over = { code: "FailedPrecondition", reason: "TIP_OVER" };
    expect(await receive(early.payee, early.tipId)).toMatchObject(over);
    await early.payee.tips.cancel({ tipId: early.tipId });
    expect(await receive(early.payee, early.tipId)).toMatchObject(over);
    expect(await receive(payer)).toMatchObject({ code: "PermissionDenied", reason: "TIP_SIDE" });
    const unknown = { code: "NotFound", reason: "TIP_UNKNOWN", field: "tip_id" };
    expect(await receive(stranger)).toMatchObject(unknown);
    expect(await receive(payee, randomUUID())).toMatchObject(unknown);
    expect(await receive(payee, "x")).toMatchObject({ code: "InvalidArgument", field: "tip_id" });
    await expectNothingMore(payer, payee);
  });

  it("when a received tip is cancelled or declined", async () => {
    const { payer, payee, tipId } = await invoiced(server);
    await payee.tips.confirmReceipt({ tipId });
    for (const person of [payer, payee]) {
      expect(await refusalOf(person.tips.cancel({ tipId }))).toMatchObject({ reason: "TIP_OVER" });
    }
  });
});

describe("a payment service", () => {
  it("gets totals of proved tips and of others, and never one tip in both", async () => {
    const { payer, payee, matchId, tipId, preimage } = await invoiced(server);
    const [one, none] = [
      { tipCount: 1, amountMsat: AMOUNT },
      { tipCount: 0, amountMsat: 0 },
    ];
    const sessionId = payee.welcome.sessionId;
    await payee.tips.confirmReceipt({ tipId });
    expect(await payments.call("getTotals", { matchId })).toMatchObject({ given: none, unprovedGiven: one });
    const word = { received: none, unprovedReceived: one, given: none, unprovedGiven: none };
    expect(await payments.call("getTotals", { sessionId })).toMatchObject(word);
    await payer.tips.confirm({ tipId, preimage });
    expect(await payments.call("getTotals", { matchId })).toMatchObject({ given: one, unprovedGiven: none });
    expect(await payments.call("getTotals", { sessionId })).toMatchObject({ received: one, unprovedReceived: none });
  });

  it("sees a tip received, and settled exactly once after any earlier cursor", async () => {
    const watched = async (count: number, request: object) =>
      (await payments.take("watchTips", request, count)) as { cursor: string; tip: Message }[];
    const { payer, payee, tipId, preimage } = await invoiced(server);
    const stored = ((await payments.call("listTips", { pageSize: 500 })).tips as Message[]).length;
    const cursor = (await watched(stored, {})).at(-1)?.cursor ?? "";
    const watching = watched(2, { cursor });
    await payee.tips.confirmReceipt({ tipId });
    const [received] = await watched(1, { cursor, state: "STATE_RECEIVED" });
    await payer.tips.confirm({ tipId, preimage });
    expect((await watching).map(({ tip }) => [tip.tipId, tip.state])).toEqual([
      [tipId, "STATE_RECEIVED"],
      [tipId, "STATE_SETTLED"],
    ]);
    const [settled] = await watched(1, { cursor: received?.cursor });
    expect(settled?.tip).toMatchObject({ tipId, state: "STATE_SETTLED" });
    // What comes after the settled tip is another tip, although the payee says again that it received this one.
    await payee.tips.confirmReceipt({ tipId });
    const next = await invoiced(server);
    expect((await watched(1, { cursor: settled?.cursor }))[0]?.tip.tipId).toBe(next.tipId);
    await next.payer.tips.confirm(next);
    const [alone] = await watched(1, { cursor, state: "STATE_SETTLED" });
    await next.payee.tips.confirmReceipt({ tipId: next.tipId });
    const both = await watched(2, { cursor, state: "STATE_SETTLED" });
    expect(both.map(({ tip }) => tip.tipId)).toEqual([tipId, next.tipId]);
    expect(alone?.tip.tipId).toBe(tipId);
    const last = await offered(server);
    expect((await watched(1, { cursor: both[1]?.cursor }))[0]?.tip.tipId).toBe(last.tipId);
  });
});
