import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LightningNetwork } from "../../gen/satoshigle/v1/tip_pb.js";
import { limits } from "../../src/core/limits.js";
import { invoiceOf } from "../support/invoice.js";
import { pair, roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { readRefusal, refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { AMOUNT, couple, expectNothingMore, invoiced, offered } from "./support/tips.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ ...roomy, LIGHTNING_NETWORK: "regtest" });
});
afterAll(() => server.close());

describe("a tip is refused", () => {
  const offer = (person: TestClient, request: object) =>
    refusalOf(person.tips.offer({ tipId: randomUUID(), amountMsat: BigInt(AMOUNT), ...request }));

  it.each([
    ["nothing", 0n],
    ["a negative amount", -1_000n],
    ["less than a satoshi", 999n],
    ["more than a hundredth of a bitcoin", 1_000_000_001n],
  ])("about %s", async (_what, amountMsat) => {
    const { payer, payee, matchId } = await couple(server);
    expect(await offer(payer, { matchId, amountMsat })).toMatchObject({
      code: "InvalidArgument",
      field: "amount_msat",
    });
    await expectNothingMore(payer, payee);
  });

  it("with a comment that is too long or contains control characters", async () => {
    const { payer, payee, matchId } = await couple(server);
    const refused = { code: "InvalidArgument", field: "comment" };
    expect(await offer(payer, { matchId, comment: "x".repeat(141) })).toMatchObject(refused);
    expect(await offer(payer, { matchId, comment: "a\u0007" })).toMatchObject(refused);
    await expectNothingMore(payer, payee);
  });

  it("unless it is for a partner", async () => {
    const [{ matchId, payer, payee }, stranger] = [
      await couple(server),
      await TestClient.open(transportTo(server.url)),
    ];
    const over = { code: "FailedPrecondition", reason: "MATCH_OVER" };
    expect(await offer(stranger, { matchId })).toMatchObject(over);
    expect(await offer(stranger, { matchId: randomUUID() })).toMatchObject(over);
    await expectNothingMore(payer, payee);
  });

  it("if another tip has its ID", async () => {
    const { payer, payee, matchId, tipId } = await offered(server);
    const taken = { code: "AlreadyExists", reason: "TIP_TAKEN" };
    expect(await offer(payer, { tipId, matchId, amountMsat: 22_000n })).toMatchObject(taken);
    expect(await offer(payee, { tipId, matchId })).toMatchObject(taken);
    await expectNothingMore(payer, payee);
  });

  it("while the payer has too many open tips", async () => {
    const { payer, matchId } = await couple(server);
    const ids = Array.from({ length: limits.openTips }, () => randomUUID());
    for (const tipId of ids) await payer.tips.offer({ tipId, matchId, amountMsat: BigInt(AMOUNT) });
    expect(await offer(payer, { matchId })).toMatchObject({ code: "ResourceExhausted", reason: "LIMIT_REACHED" });
    await payer.tips.cancel({ tipId: ids[0] ?? "" });
    await payer.tips.offer({ tipId: randomUUID(), matchId, amountMsat: BigInt(AMOUNT) });
  });
});

describe("an invoice is refused", () => {
  it.each([
    ["of another amount", invoiceOf({ amountMsat: AMOUNT + 1 }).invoice, "amount"],
    ["that is valid for too long", invoiceOf({ amountMsat: AMOUNT, expirySeconds: 31 * 86_400 }).invoice, "expiry"],
    ["that has expired", invoiceOf({ amountMsat: AMOUNT, expirySeconds: 0 }).invoice, "expired"],
    ["for another network", invoiceOf({ amountMsat: AMOUNT }).invoice.replace("lnbcrt", "lnbc"), "network"],
    ["that is malformed", "lnbcrt1234", "malformed"],
  ])("%s", async (_what, invoice, problem) => {
    const { payer, payee, tipId } = await offered(server);
    const refusal = await refusalOf(payee.tips.sendInvoice({ tipId, invoice }));
    expect(refusal).toMatchObject({ code: "InvalidArgument", field: "invoice", problem });
    await expectNothingMore(payer, payee);
  });

  it("with the payment hash of another tip, of this match or another, also concurrently", async () => {
    const [one, other, third] = [await invoiced(server), await offered(server), await offered(server)];
    const used = { code: "AlreadyExists", reason: "INVOICE_USED", field: "invoice" };
    const again = invoiceOf({ amountMsat: AMOUNT, preimage: one.preimage }).invoice;
    expect(await refusalOf(other.payee.tips.sendInvoice({ tipId: other.tipId, invoice: one.invoice }))).toMatchObject(
      used,
    );
    expect(await refusalOf(other.payee.tips.sendInvoice({ tipId: other.tipId, invoice: again }))).toMatchObject(used);
    const { invoice } = invoiceOf({ amountMsat: AMOUNT });
    const raced = await Promise.allSettled(
      [other, third].map(({ payee, tipId }) => payee.tips.sendInvoice({ tipId, invoice })),
    );
    const refused = raced.filter((result) => result.status === "rejected");
    expect(refused.map(({ reason }) => readRefusal(reason))).toMatchObject([used]);
  });

  it("from the payer, from another session, for an unknown tip, and if there is one already", async () => {
    const { payer, payee, tipId } = await invoiced(server);
    const stranger = await TestClient.open(transportTo(server.url));
    const { invoice } = invoiceOf({ amountMsat: AMOUNT });
    const send = (person: TestClient, id = tipId) => refusalOf(person.tips.sendInvoice({ tipId: id, invoice }));
    expect(await send(payer)).toMatchObject({ code: "PermissionDenied", reason: "TIP_SIDE" });
    expect(await send(stranger)).toMatchObject({ code: "NotFound", reason: "TIP_UNKNOWN", field: "tip_id" });
    expect(await send(payee, randomUUID())).toMatchObject({ code: "NotFound", reason: "TIP_UNKNOWN" });
    expect(await send(payee)).toMatchObject({ code: "FailedPrecondition", reason: "TIP_OVER" });
    await expectNothingMore(payer, payee);
  });
});

describe("a confirmation is refused", () => {
  it("with a wrong preimage, or that of another tip", async () => {
    const [{ payer, payee, tipId }, other] = [await invoiced(server), await invoiced(server)];
    for (const preimage of ["00".repeat(32), other.preimage]) {
      const refusal = await refusalOf(payer.tips.confirm({ tipId, preimage }));
      expect(refusal).toMatchObject({ code: "InvalidArgument", field: "preimage" });
    }
    await expectNothingMore(payer, payee);
  });

  it("from the payee, from another session, and without an invoice", async () => {
    const { payee, tipId, preimage } = await invoiced(server);
    const stranger = await TestClient.open(transportTo(server.url));
    const confirm = (person: TestClient, id = tipId) => refusalOf(person.tips.confirm({ tipId: id, preimage }));
    expect(await confirm(payee)).toMatchObject({ code: "PermissionDenied", reason: "TIP_SIDE" });
    expect(await confirm(stranger)).toMatchObject({ code: "NotFound", reason: "TIP_UNKNOWN" });
    const early = await offered(server);
    expect(await confirm(early.payer, early.tipId)).toMatchObject({ code: "FailedPrecondition", reason: "TIP_OVER" });
  });

  it("without a token", async () => {
    const { tipId, preimage } = await invoiced(server);
    const { tips } = await TestClient.open(transportTo(server.url));
    expect(await refusalOf(tips.confirm({ tipId, preimage }))).toMatchObject({ code: "NotFound" });
  });
});

it("declining is refused after the invoice was sent", async () => {
  const { payee, tipId } = await invoiced(server);
  const refusal = await refusalOf(payee.tips.cancel({ tipId }));
  expect(refusal).toMatchObject({ code: "FailedPrecondition", reason: "TIP_OVER" });
});

it("tips are disabled without a Lightning network", async () => {
  const without = await startServer({ ...roomy, LIGHTNING_NETWORK: "off" });
  const { offerer, matchId } = await pair(transportTo(without.url));
  expect(offerer.welcome.lightningNetwork).toBe(LightningNetwork.UNSPECIFIED);
  const refusal = await refusalOf(offerer.tips.offer({ tipId: randomUUID(), matchId, amountMsat: BigInt(AMOUNT) }));
  expect(refusal).toMatchObject({ code: "FailedPrecondition", reason: "TIPS_OFF" });
  await without.close();
});
