import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import { GrpcClient, type Message } from "../support/grpc.js";
import { invoiceOf } from "../support/invoice.js";
import { pair, roomy } from "../support/pair.js";
import { transportTo } from "../support/test-client.js";
import { RedisServer } from "../support/redis.js";
import { readRefusal } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";

const AMOUNT = 3_000;

let redis: RedisServer;
const servers: TestServer[] = [];
beforeAll(async () => {
  redis = await RedisServer.start();
  const shared = { REDIS_ENABLED: "true", REDIS_URL: redis.url, SESSION_SECRET: "s".repeat(32) };
  for (let index = 0; index < 2; index++) {
    servers.push(await startServer({ ...roomy, ...shared, LIGHTNING_NETWORK: "regtest" }));
  }
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await redis.close();
});

const at = (index: number) => {
  const server = servers[index];
  if (server === undefined) throw new Error("no such instance");
  return server;
};

/** A tip between sessions on two instances. */
async function offered() {
  const [a, b] = [transportTo(at(0).url), transportTo(at(1).url)];
  const { offerer: payer, answerer: payee, matchId } = await pair(a, {}, { answerer: b });
  const tipId = randomUUID();
  await payer.tips.offer({ tipId, matchId, amountMsat: BigInt(AMOUNT) });
  await Promise.all([payer.until("tipUpdated"), payee.until("tipUpdated")]);
  return { payer, payee, tipId, matchId };
}

it("the states of a tip are delivered across instances, once each", async () => {
  const { payer, payee, tipId } = await offered();
  const { invoice, preimage } = invoiceOf({ amountMsat: AMOUNT });
  await payee.tips.sendInvoice({ tipId, invoice });
  expect((await payer.until("tipUpdated")).tip).toMatchObject({ tipId, invoice, state: Tip_State.INVOICED });
  await payer.tips.confirm({ tipId, preimage });
  await payee.until("tipUpdated");
  for (const person of [payer, payee]) {
    expect((await person.until("tipUpdated")).tip).toMatchObject({ tipId, state: Tip_State.SETTLED });
    await person.leave();
    expect((await person.next()).event.case).toBe("matchEnded");
  }
});

it("one payment hash settles one tip, with concurrent calls on several instances", async () => {
  for (let round = 0; round < 20; round++) {
    const tips = await Promise.all([offered(), offered()]);
    const { invoice, preimage } = invoiceOf({ amountMsat: AMOUNT });
    const raced = await Promise.allSettled(
      tips.map(({ payee, tipId }, index) => payee.tipsOn(transportTo(at(index).url)).sendInvoice({ tipId, invoice })),
    );
    const refused = raced.flatMap((result) => (result.status === "rejected" ? [readRefusal(result.reason)] : []));
    expect(refused).toMatchObject([{ code: "AlreadyExists", reason: "INVOICE_USED" }]);
    const confirmed = await Promise.allSettled(
      tips.flatMap(({ payer, tipId }) =>
        [0, 1].map((index) => payer.tipsOn(transportTo(at(index).url)).confirm({ tipId, preimage })),
      ),
    );
    expect(confirmed.filter(({ status }) => status === "fulfilled")).toHaveLength(2); // the same tip, on both instances
    const totals = new GrpcClient("satoshigle.internal.v1.PaymentService", at(0).internalUrl);
    const sums = await Promise.all(tips.map(({ matchId }) => totals.call("getTotals", { matchId })));
    totals.close();
    const settled = sums.map(({ given }) => (given as Message).amountMsat);
    expect(settled.sort()).toEqual([0, AMOUNT]);
  }
});

it("a watcher on the other instance receives tips, also after a cursor of this one", async () => {
  const [here, there] = [0, 1].map(
    (index) => new GrpcClient("satoshigle.internal.v1.PaymentService", at(index).internalUrl),
  );
  const all = (await here?.call("listTips", { pageSize: 500 }))?.tips as Message[];
  const before = (await here?.take("watchTips", {}, all.length)) ?? [];
  const watching = there?.take("watchTips", { cursor: before.at(-1)?.cursor }, 1);
  const { tipId } = await offered();
  expect(await watching).toMatchObject([{ tip: { tipId, state: "STATE_OFFERED" } }]);
  here?.close();
  there?.close();
});
