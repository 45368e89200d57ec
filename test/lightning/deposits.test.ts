import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import {
  DepositRecord_Cause as Cause,
  type DepositRecord,
  DepositRecord_State as RecordState,
  DepositReviewService,
} from "../../gen/satoshigle/internal/v1/deposit_pb.js";
import { Deposit_State as State } from "../../gen/satoshigle/v1/deposit_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { ServerProcess } from "../e2e/support/server-process.js";
import { type DepositBed, DEPOSIT_SATS, startDepositBed } from "../support/lightning/deposit-bed.js";
import { roomy, uniqueInterest } from "../support/pair.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { soon } from "../support/soon.js";
import { TestClient, transportTo } from "../support/test-client.js";

// Real payments, held by a real node, which the server reaches by LND's protos.

let bed: DepositBed;
const servers: TestServer[] = [];

beforeAll(async () => {
  bed = await startDepositBed();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
afterAll(() => bed.close());

async function start(variables: Record<string, string> = {}): Promise<TestServer> {
  const server = await startServer({ ...roomy, ...bed.variables, ...variables });
  servers.push(server);
  return server;
}

const enter = ({ url }: { url: string }) => TestClient.open(transportTo(url.replace("localhost", "127.0.0.1")));
const reviewOf = ({ internalUrl: baseUrl }: Pick<TestServer, "internalUrl">) =>
  createClient(DepositReviewService, createGrpcTransport({ baseUrl }));

/** A newcomer whose deposit is held, and what becomes of the payment. */
async function deposited(server: { url: string }) {
  const newcomer = await enter(server);
  const { depositId = "", invoice = "" } = (await newcomer.deposits.request()) ?? {};
  const payment = bed.pay(invoice);
  await soon(async () => {
    expect(await newcomer.deposits.get()).toMatchObject({ state: State.HELD, admits: true });
  });
  return { newcomer, depositId, payment };
}

/** Waits until the record of a deposit contains something. */
const becomes = (server: Pick<TestServer, "internalUrl">, id: string, record: Partial<DepositRecord>) =>
  soon(async () => {
    const { deposits } = await reviewOf(server).listDeposits({ pageSize: 100 });
    expect(deposits.find(({ depositId }) => depositId === id)).toMatchObject(record);
  });

it("refuses a newcomer until a deposit is held, and matches two who paid", async () => {
  const server = await start();
  const before = await bed.settled();
  const newcomer = await enter(server);
  const refusal = await refusalOf(newcomer.match());
  expect(refusal).toMatchObject({ code: "FailedPrecondition", reason: "DEPOSIT_REQUIRED" });
  expect(refusal.message).toContain(String(DEPOSIT_SATS));
  const wrong = { languages: ["not a language"] };
  expect(await refusalOf(newcomer.match({ preferences: wrong }))).toMatchObject({ code: "InvalidArgument" });
  expect(await refusalOf(newcomer.match({ preferences: { relayOnly: true } }))).toMatchObject({
    reason: "RELAY_UNAVAILABLE",
  });
  const asked = await newcomer.deposits.request();
  expect(asked).toMatchObject({ state: State.ASKED, amountSat: BigInt(DEPOSIT_SATS), admits: false });
  expect(asked?.invoice).toMatch(/^lnbcrt5u1/);
  expect(await refusalOf(newcomer.match())).toMatchObject({ reason: "DEPOSIT_REQUIRED" });
  const payment = bed.pay(asked?.invoice ?? "");
  await soon(async () => {
    expect(await newcomer.deposits.get()).toMatchObject({ depositId: asked?.depositId, state: State.HELD });
  });
  const other = await deposited(server);
  const preferences = { interests: [uniqueInterest()] };
  await newcomer.match({ preferences });
  await other.newcomer.match({ preferences });
  await Promise.all([newcomer.until("matched"), other.newcomer.until("matched")]);
  await Promise.all([newcomer.leave(), other.newcomer.leave()]);
  expect(await Promise.all([payment, other.payment])).toEqual(["returned", "returned"]);
  expect(await bed.settled()).toEqual(before);
});

it("returns the whole deposit of a person who leaves, and asks for another", async () => {
  const server = await start();
  const before = await bed.settled();
  const { newcomer, depositId, payment } = await deposited(server);
  await newcomer.match();
  await newcomer.leave();
  expect(await payment).toBe("returned");
  await becomes(server, depositId, { state: RecordState.RELEASED, cause: Cause.LEFT });
  expect(await bed.settled()).toEqual(before);
  expect(await newcomer.deposits.get()).toMatchObject({ state: State.RELEASED, admits: false });
  expect(await refusalOf(newcomer.match())).toMatchObject({ reason: "DEPOSIT_REQUIRED" });
  expect(await newcomer.deposits.request()).toMatchObject({ state: State.ASKED });
});

it("keeps the deposit of a reported person until a moderator takes it: exactly its amount moves", async () => {
  const server = await start();
  const before = await bed.settled();
  const [one, other] = [await deposited(server), await deposited(server)];
  const preferences = { interests: [uniqueInterest()] };
  await one.newcomer.match({ preferences });
  await other.newcomer.match({ preferences });
  const { matchId } = await one.newcomer.until("matched");
  await one.newcomer.report({ matchId, reason: ReportReason.SPAM });
  await other.newcomer.leave();
  await one.newcomer.leave();
  expect(await one.payment).toBe("returned");
  await becomes(server, other.depositId, { state: RecordState.HELD, reported: true });
  const review = reviewOf(server);
  await review.forfeitDeposit({ depositId: other.depositId }, { headers: { "x-satoshigle-moderator": "ann" } });
  expect(await other.payment).toBe("kept");
  await becomes(server, other.depositId, { state: RecordState.FORFEITED });
  const moved = DEPOSIT_SATS * 1_000;
  expect(await bed.settled()).toEqual({
    operatorMsat: before.operatorMsat + moved,
    payerMsat: before.payerMsat - moved,
  });
  expect(await refusalOf(other.newcomer.match())).toMatchObject({ reason: "DEPOSIT_REQUIRED" });
  const again = review.releaseDeposit({ depositId: other.depositId });
  expect(await refusalOf(again)).toMatchObject({ code: "FailedPrecondition", reason: "DEPOSIT_OVER" });
});

it("returns a deposit when a moderator says so, and it admits nevertheless", async () => {
  const server = await start();
  const before = await bed.settled();
  const { newcomer, depositId, payment } = await deposited(server);
  await reviewOf(server).releaseDeposit({ depositId });
  expect(await payment).toBe("returned");
  await becomes(server, depositId, { state: RecordState.RELEASED, cause: Cause.MODERATOR });
  expect(await bed.settled()).toEqual(before);
  await newcomer.match();
});

it("returns what is held when the server shuts down", async () => {
  const server = await startServer({ ...roomy, ...bed.variables });
  const before = await bed.settled();
  const { payment } = await deposited(server);
  await server.close();
  expect(await payment).toBe("returned");
  expect(await bed.settled()).toEqual(before);
});

it("returns what was held when a server is killed, once the next one starts on its data", async () => {
  const before = await bed.settled();
  const server = await ServerProcess.start({ ...roomy, ...bed.variables });
  const { depositId, payment } = await deposited(server);
  await server.stop("SIGKILL");
  await server.start();
  expect(await payment).toBe("returned");
  const internalUrl = /http:\/\/127\.0\.0\.1:\d+/.exec(/internal services on \S+/.exec(server.output)?.[0] ?? "")?.[0];
  await becomes({ internalUrl: internalUrl ?? "" }, depositId, { state: RecordState.RELEASED, cause: Cause.SHUTDOWN });
  expect(await bed.settled()).toEqual(before);
  await server.close();
});

it("returns what was decided while the node was away, and admits newcomers meanwhile", async () => {
  const server = await start();
  const before = await bed.settled();
  const { newcomer, depositId, payment } = await deposited(server);
  await bed.standIn.server.stop();
  await newcomer.leave();
  const late = await enter(server);
  expect(await late.deposits.request()).toMatchObject({ state: State.WAIVED, invoice: "", admits: true });
  await late.match();
  await becomes(server, depositId, { state: RecordState.RELEASING, cause: Cause.LEFT });
  await bed.standIn.server.start();
  expect(await payment).toBe("returned");
  await becomes(server, depositId, { state: RecordState.RELEASED });
  expect(await bed.settled()).toEqual(before);
});

it("answers that it asks for none where deposits are off", async () => {
  const server = await startServer(roomy);
  const newcomer = await enter(server);
  await newcomer.match();
  for (const call of [newcomer.deposits.request(), newcomer.deposits.get(), reviewOf(server).listDeposits({})]) {
    expect(await refusalOf(call)).toMatchObject({ code: "FailedPrecondition", reason: "DEPOSITS_OFF" });
  }
  await server.close();
});
