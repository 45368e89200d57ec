import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MatchEnded_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import { invoiceOf } from "../support/invoice.js";
import { candidate, roomy, uniqueInterest } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { RedisServer } from "../support/redis.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { AMOUNT, couple, invoiced, nextTip, offered } from "./support/tips.js";

const WORDS = "words of the pest";

describe.each(["memory", "Redis"])("after a report, with %s", (store) => {
  let redis: RedisServer | undefined;
  let server: TestServer;
  beforeAll(async () => {
    if (store === "Redis") redis = await RedisServer.start();
    const shared = { REDIS_ENABLED: "true", REDIS_URL: redis?.url ?? "", SESSION_SECRET: "s".repeat(32) };
    server = await startServer({ ...roomy, LIGHTNING_NETWORK: "regtest", ...(redis && shared) });
  });
  afterAll(async () => {
    await server.close();
    await redis?.close();
  });

  const report = (person: TestClient, matchId: string) => person.report({ matchId, reason: ReportReason.HARASSMENT });
  const offer = (matchId: string) => ({ tipId: randomUUID(), matchId, amountMsat: BigInt(AMOUNT), comment: WORDS });

  it.each(["payer", "payee"] as const)("no tip is delivered when the %s reported", async (reporter) => {
    const all = await couple(server);
    const { payer, payee, matchId } = all;
    await report(all[reporter], matchId);
    for (let count = 0; count < 40; count++) {
      const refused = await refusalOf(payer.tips.offer(offer(matchId)));
      expect(refused).toMatchObject({ reason: "MATCH_OVER" });
    }
    expect((await payee.next()).event.case).toBe("matchEnded");
    await payee.match({ preferences: { interests: [uniqueInterest()] } });
    expect((await payee.next()).event.case, "no event in between").toBe("waiting");
  });

  it("a tip without an invoice is canceled, and neither side learns why", async () => {
    const { payer, payee, matchId, tipId } = await offered(server);
    await report(payee, matchId);
    expect(await payer.until("matchEnded")).toMatchObject({ reason: MatchEnded_Reason.PARTNER_LEFT });
    expect(await nextTip(payer)).toMatchObject({ tipId, state: Tip_State.DECLINED, comment: "" });
    await payee.until("matchEnded");
    expect(await nextTip(payee)).toMatchObject({ tipId, state: Tip_State.DECLINED, comment: "" });
    const { invoice } = invoiceOf({ amountMsat: AMOUNT });
    expect(await refusalOf(payee.tips.sendInvoice({ tipId, invoice }))).toMatchObject({ reason: "TIP_OVER" });
  });

  it("a tip is canceled when its payer reports", async () => {
    const { payer, payee, matchId, tipId } = await offered(server);
    await report(payer, matchId);
    await payee.until("matchEnded");
    expect(await nextTip(payee)).toMatchObject({ tipId, state: Tip_State.CANCELLED });
  });

  it("a tip that may have been paid is settled, without its comment", async () => {
    const { payer, payee, matchId, tipId, preimage } = await invoiced(server);
    await report(payee, matchId);
    await payer.tips.confirm({ tipId, preimage });
    await payee.until("matchEnded");
    expect(await nextTip(payee)).toMatchObject({ tipId, state: Tip_State.SETTLED, comment: "" });
    await payer.until("matchEnded");
    expect(await nextTip(payer)).toMatchObject({ tipId, state: Tip_State.SETTLED });
  });

  it("a side that was away receives nothing more from the other when its stream resumes", async () => {
    const { payer, payee, matchId } = await couple(server);
    const { resume } = payee;
    await payee.break();
    await payer.until("partnerAway");
    await payer.send({ matchId, clientSequence: 1, signals: [candidate(4711)] });
    await payer.tips.offer(offer(matchId));
    await report(payee, matchId);
    const back = await TestClient.open(transportTo(server.url), resume);
    expect(back.welcome).toMatchObject({ resumed: true, tips: [] });
    const seen: unknown[] = [];
    for (let last = ""; last !== "tipUpdated";) {
      const { event } = await back.next();
      seen.push(event);
      last = event.case;
    }
    const text = JSON.stringify(seen, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
    expect(text).not.toContain(WORDS);
    expect(text).not.toContain("4711");
    expect(seen.at(-1)).toMatchObject({ value: { tip: { state: Tip_State.DECLINED, comment: "" } } });
  });

  it("a side that cannot resume receives the final state of its tips in Welcome, without comments", async () => {
    const { payer, payee, matchId } = await couple(server);
    const tip = offer(matchId);
    await payer.tips.offer(tip);
    await payer.tips.cancel({ tipId: tip.tipId });
    const { token } = payee.welcome;
    await payee.break();
    await report(payee, matchId);
    const back = await TestClient.open(transportTo(server.url), { token });
    expect(back.welcome.tips).toMatchObject([{ tipId: tip.tipId, state: Tip_State.CANCELLED, comment: "" }]);
  });
});
