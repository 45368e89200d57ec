import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createRouterTransport } from "@connectrpc/connect";
import { afterEach, expect, it, vi } from "vitest";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { type DepositSchema, Deposit_State as State, DepositService } from "../../gen/satoshigle/v1/deposit_pb.js";
import { type Deposit, depositAdmits, requestDeposit } from "../../src/client/deposits/index.js";
import { Satoshigle, type SatoshigleClient } from "../../src/client/index.js";
import { startDepositBed } from "../support/lightning/deposit-bed.js";
import { invoiceOf } from "../support/invoice.js";
import { roomy } from "../support/pair.js";
import { startServer } from "../support/server.js";

const { invoice } = invoiceOf({ amountMsat: 500_000 });
const asked = { depositId: "d", state: State.ASKED, amountSat: 500n, invoice };
const refusal = (reason: string, code = Code.FailedPrecondition) =>
  new ConnectError("no", code, undefined, [{ desc: ErrorInfoSchema, value: { reason } }]);

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

type Answer = MessageInitShape<typeof DepositSchema> | ConnectError;

/** A client whose server gives these answers, the last one for ever. */
function clientOf(...answers: Answer[]): { client: SatoshigleClient; count: () => number } {
  let count = 0;
  const answer = () => {
    const next = answers[Math.min(count++, answers.length - 1)];
    if (next instanceof ConnectError) throw next;
    return { deposit: next ?? {} };
  };
  const transport = createRouterTransport((router) => {
    router.service(DepositService, { requestDeposit: answer, getDeposit: answer });
  });
  const client = { wire: { transport, currentToken: () => "token" } } as unknown as SatoshigleClient;
  return { client, count: () => count };
}

it("pays the way into the first match at a real server", async () => {
  const bed = await startDepositBed();
  const server = await startServer({ ...roomy, ...bed.variables });
  if (!("RTCPeerConnection" in globalThis)) vi.stubGlobal("RTCPeerConnection", vi.fn());
  const client = new Satoshigle(server.url, { storage: null });
  await expect(client.start()).rejects.toMatchObject({ code: "deposit_required" });
  const deposit = await requestDeposit(client);
  expect(deposit).toMatchObject({ state: "asked", amountSat: 500, admits: false, releaseAtMs: undefined });
  expect(deposit.expiresAtMs).toBeGreaterThan(Date.now());
  const states: string[] = [];
  const admitted = depositAdmits(client, { onState: ({ state }) => states.push(state) });
  const payment = bed.pay(deposit.invoice);
  expect(await admitted).toMatchObject({ depositId: deposit.depositId, state: "held", admits: true });
  expect(states.at(-1)).toBe("held");
  await client.start();
  await client.close();
  await server.close();
  expect(await payment).toBe("returned");
  await bed.close();
});

it("says that a server asks for no deposits, or cannot for now", async () => {
  const problemOf = (reason: string, code?: Code) =>
    requestDeposit(clientOf(refusal(reason, code)).client).catch((error: unknown) => error);
  expect(await problemOf("DEPOSITS_OFF")).toMatchObject({ code: "deposit_failed", problem: "off" });
  expect(await problemOf("NODE_AWAY", Code.Unavailable)).toMatchObject({ problem: "node_away" });
  expect(await problemOf("NODE_REFUSED")).toMatchObject({ problem: "node_refused", message: "no" });
  expect(await problemOf("LIMIT_REACHED", Code.ResourceExhausted)).toMatchObject({ code: "limit_reached" });
});

it("shows no invoice for another amount", async () => {
  const hostile = { ...asked, invoice: invoiceOf({ amountMsat: 500_000_000 }).invoice };
  await expect(requestDeposit(clientOf(hostile).client)).rejects.toMatchObject({ code: "internal" });
});

it("needs no payment when none is needed", async () => {
  const { client } = clientOf({ ...asked, state: State.WAIVED, invoice: "", admits: true });
  expect(await requestDeposit(client)).toMatchObject({ state: "waived", admits: true, invoice: "" });
});

it("refuses a client of another kind", async () => {
  await expect(requestDeposit({} as SatoshigleClient)).rejects.toMatchObject({ code: "not_supported" });
});

it("refuses an answer without a deposit", async () => {
  const transport = createRouterTransport((router) => {
    router.service(DepositService, { requestDeposit: () => ({}) });
  });
  const client = { wire: { transport, currentToken: () => undefined } } as unknown as SatoshigleClient;
  await expect(requestDeposit(client)).rejects.toMatchObject({ code: "internal" });
});

it("keeps waiting while the server is away, and looks every two seconds", async () => {
  vi.useFakeTimers();
  const held = { ...asked, state: State.HELD, admits: true, releaseTime: timestampFromMs(600_000) };
  const { client, count } = clientOf(asked, refusal("STORE_AWAY", Code.Unavailable), asked, held);
  const seen: Deposit[] = [];
  const admitted = depositAdmits(client, { onState: (deposit) => seen.push(deposit) });
  await vi.advanceTimersByTimeAsync(5_900);
  expect(count()).toBe(3);
  await vi.advanceTimersByTimeAsync(100);
  expect(await admitted).toMatchObject({ state: "held", releaseAtMs: 600_000 });
  expect(seen.map(({ state }) => state)).toEqual(["asked", "held"]);
});

it.each([
  ["lapsed", State.LAPSED],
  ["forfeited", State.FORFEITED],
  ["released", State.RELEASED],
])("says that another deposit is needed when one is %s", async (words, state) => {
  const failed = depositAdmits(clientOf({ ...asked, state }).client);
  await expect(failed).rejects.toMatchObject({
    ...{ code: "deposit_failed", problem: "over", message: `The deposit is ${words}.` },
  });
});

it("stops waiting when it is told to", async () => {
  vi.useFakeTimers();
  const abort = new AbortController();
  const { client, count } = clientOf(asked);
  const waiting = depositAdmits(client, { signal: abort.signal }).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(2_000);
  abort.abort(new Error("closed"));
  expect(await waiting).toMatchObject({ message: "closed" });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(count()).toBe(2);
});
