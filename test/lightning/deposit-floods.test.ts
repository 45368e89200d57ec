import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DepositReviewService } from "../../gen/satoshigle/internal/v1/deposit_pb.js";
import { Deposit_State as State } from "../../gen/satoshigle/v1/deposit_pb.js";
import { type DepositBed, startDepositBed } from "../support/lightning/deposit-bed.js";
import { roomy, uniqueInterest } from "../support/pair.js";
import { RedisServer } from "../support/redis.js";
import { readRefusal, refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { soon } from "../support/soon.js";
import { TestClient, transportTo } from "../support/test-client.js";

const CALLS = 1_000;
/** Calls that are under way at a time. */
const AT_ONCE = 50;

let bed: DepositBed;
let redis: RedisServer;
/** Calls that reached the node, by their method. */
let asked: Record<string, number>;

beforeAll(async () => {
  [bed, redis] = await Promise.all([startDepositBed(), RedisServer.start()]);
  bed.standIn.server.onCall = (method) => {
    asked[method] = (asked[method] ?? 0) + 1;
  };
});
beforeEach(() => {
  asked = {};
});
const looks = () => asked.lookupInvoiceV2 ?? 0;
afterAll(async () => {
  await bed.close();
  await redis.close();
});

const enter = ({ url }: TestServer, deviceKey = "") => TestClient.open(transportTo(url), { deviceKey });
const listed = async ({ internalUrl: baseUrl }: TestServer) =>
  (await createClient(DepositReviewService, createGrpcTransport({ baseUrl })).listDeposits({ pageSize: 100 })).deposits;

/** Makes a call very often. Returns the answers, the refusals, and how long it took in whole seconds begun. */
async function flood<T>(call: () => Promise<T>) {
  const [answers, refusals]: [T[], ReturnType<typeof readRefusal>[]] = [[], []];
  const fromMs = Date.now();
  for (let made = 0; made < CALLS; made += AT_ONCE) {
    const calls = Array.from({ length: AT_ONCE }, call);
    for (const result of await Promise.allSettled(calls)) {
      if (result.status === "fulfilled") answers.push(result.value);
      else refusals.push(readRefusal(result.reason));
    }
  }
  return { answers, refusals, seconds: Math.ceil((Date.now() - fromMs) / 1_000) };
}

async function paid(newcomer: TestClient): Promise<{ depositId: string; payment: Promise<string> }> {
  const { depositId = "", invoice = "" } = (await newcomer.deposits.request()) ?? {};
  const payment = bed.pay(invoice);
  await soon(async () => {
    expect((await newcomer.deposits.get())?.state).toBe(State.HELD);
  });
  return { depositId, payment };
}

describe("a stranger with one session", () => {
  let server: TestServer;
  let stranger: TestClient;
  beforeAll(async () => {
    server = await startServer({ ...roomy, ...bed.variables });
    stranger = await enter(server);
  });
  afterAll(() => server.close());

  it("gets one invoice, however often it asks for one", async () => {
    const { answers, refusals } = await flood(() => stranger.deposits.request());
    expect(refusals).toEqual([]);
    expect(new Set(answers.map((deposit) => deposit?.invoice)).size).toBe(1);
    expect(await listed(server)).toHaveLength(1);
    expect(asked.addHoldInvoice).toBe(1);
  });

  it("makes the server look once a second at the node, however often it looks", async () => {
    const { answers, seconds } = await flood(() => stranger.deposits.get());
    expect(answers).toHaveLength(CALLS);
    expect(looks()).toBeLessThanOrEqual(seconds + 1);
    await soon(async () => {
      await stranger.deposits.get();
      expect(looks()).toBeGreaterThan(0); // the flood itself may end within the second
    });
  });

  it("makes it look as rarely by asking to be matched", async () => {
    const { refusals, seconds } = await flood(() => stranger.match());
    expect(refusals).toHaveLength(CALLS);
    expect(new Set(refusals.map(({ reason }) => reason))).toEqual(new Set(["DEPOSIT_REQUIRED"]));
    expect(looks()).toBeLessThanOrEqual(seconds + 1);
  });

  it("makes it ask once a second while the node refuses", async () => {
    const other = await enter(server);
    const count = bed.standIn.server.onCall;
    bed.standIn.server.refuse("addHoldInvoice", "memo too large");
    const refuse = bed.standIn.server.onCall;
    bed.standIn.server.onCall = async (method) => {
      await count(method);
      await refuse(method);
    };
    const { refusals, seconds } = await flood(() => other.deposits.request());
    bed.standIn.server.onCall = count;
    expect(new Set(refusals.map(({ reason }) => reason))).toEqual(new Set(["NODE_REFUSED"]));
    expect(refusals).toHaveLength(CALLS);
    expect(asked.addHoldInvoice).toBeLessThanOrEqual(seconds + 1);
  });
});

it("a stranger is refused beyond the limit of calls", async () => {
  const server = await startServer(bed.variables);
  const stranger = await enter(server);
  const { answers, refusals } = await flood(() => stranger.deposits.request());
  expect(answers.length).toBeLessThanOrEqual(100);
  expect(refusals.length).toBeGreaterThan(0);
  expect(refusals.every(({ reason, retryMs = 0 }) => reason === "LIMIT_REACHED" && retryMs > 0)).toBe(true);
  await server.close();
});

it("the deposit of another session admits nobody, not even in the same browser", async () => {
  const server = await startServer({ ...roomy, ...bed.variables });
  const deviceKey = randomBytes(16).toString("base64url");
  const [payer, stranger, twin] = [await enter(server), await enter(server), await enter(server, deviceKey)];
  const browser = await enter(server, deviceKey);
  await Promise.all([paid(payer), paid(browser)]);
  await Promise.all([payer.match(), browser.match()]);
  for (const other of [stranger, twin]) {
    expect(await refusalOf(other.match())).toMatchObject({ reason: "DEPOSIT_REQUIRED" });
    expect(await refusalOf(other.deposits.get())).toMatchObject({ code: "NotFound", reason: "DEPOSIT_UNKNOWN" });
  }
  await server.close();
});

it("two instances with one Redis share deposits, and each returns or keeps those of the other", async () => {
  const shared = { REDIS_ENABLED: "true", REDIS_URL: redis.url };
  const start = () => startServer({ ...roomy, ...bed.variables, ...shared });
  const [here, there] = await Promise.all([start(), start()]);
  const before = await bed.settled();
  const [one, other, last] = [await enter(here), await enter(here), await enter(here)];
  const elsewhere = await TestClient.open(transportTo(there.url), one.resume);
  const first = await elsewhere.deposits.request();
  expect((await elsewhere.deposits.request())?.depositId).toBe(first?.depositId);
  const leaving = await paid(elsewhere);
  expect(leaving.depositId).toBe(first?.depositId);
  await elsewhere.match({ preferences: { interests: [uniqueInterest()] } });
  await elsewhere.leave();
  expect(await leaving.payment).toBe("returned");

  const kept = await paid(other);
  const review = createClient(DepositReviewService, createGrpcTransport({ baseUrl: there.internalUrl }));
  await review.forfeitDeposit({ depositId: kept.depositId });
  expect(await kept.payment).toBe("kept");
  const after = await bed.settled();
  expect(after.operatorMsat - before.operatorMsat).toBe(500_000);

  const held = await paid(last);
  await there.close();
  expect((await last.deposits.get())?.state).toBe(State.HELD); // those of the other instance stay
  await here.close();
  expect(await held.payment).toBe("returned");
  expect(await bed.settled()).toEqual(after);
});
