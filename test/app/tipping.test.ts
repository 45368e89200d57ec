import { createHash, randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openDatabase } from "../../src/adapters/lmdb/database.js";
import { LmdbTips } from "../../src/adapters/lmdb/tip-ledger.js";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import { startTipUpkeep } from "../../src/app/tip-upkeep.js";
import { Tipping } from "../../src/app/tipping.js";
import { DomainError } from "../../src/core/errors.js";
import type { AddressKey, Epoch, MatchId, SessionId, TipId } from "../../src/core/ids.js";
import { REPORTABLE_MS } from "../../src/core/limits.js";
import { remainingDayMs } from "../../src/core/day.js";
import { INVOICE_MS, invoiced, LATE_PAYMENT_MS, offered, tipBudget } from "../../src/core/tip.js";
import type { EncodedSignals } from "../../src/core/signal.js";
import { defaultSchema } from "../../src/core/matching-schema.js";
import { issueTicket } from "../../src/core/ticket.js";
import { nothingEnforced } from "../support/no-actions.js";
import { SlowClock } from "../support/slow-clock.js";

/** No action is in force. */
const enforcement = nothingEnforced;
const [payerId, payeeId] = ["payer" as SessionId, "payee" as SessionId];
const signal = new AbortController().signal;
const payer = { sessionId: payerId, host: "192.0.2.1", signal };

let folder: string;
let close: () => Promise<void>;
let clock: SlowClock;
let realm: LobbyState;
let lobby: MemoryLobby;
let tips: LmdbTips;
let changes: number;
let matchId: MatchId;
let stop: () => void;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "satoshigle-tips-"));
  const root = openDatabase(folder);
  close = () => root.close();
  clock = new SlowClock();
  realm = new LobbyState(20_000);
  lobby = new MemoryLobby(realm);
  tips = new LmdbTips(root);
  changes = 0;
  matchId = await couple();
  const onError = (error: unknown) => expect.unreachable(String(error));
  stop = startTipUpkeep({ tips, lobby, clock, onChange: () => changes++, onError });
});

afterEach(async () => {
  stop();
  await close();
  await rm(folder, { recursive: true });
});

/** Two matched sessions. */
async function couple(): Promise<MatchId> {
  const nowMs = clock.nowMs();
  for (const sessionId of [payerId, payeeId]) {
    const [epoch, addressKey] = ["epoch" as Epoch, `${sessionId}'s net` as AddressKey];
    await lobby.open({ sessionId, epoch, addressKey, nowMs, maxSessions: 10, quotas: [] });
    const wish = { preferences: { interests: [], languages: [], relayOnly: false }, rematch: false };
    const ticket = issueTicket(randomUUID() as never, sessionId, wish, nowMs, defaultSchema(5_000));
    await lobby.match({ ticket, offer: undefined, leaveMatchId: undefined, nowMs });
  }
  const doing = realm.sessions.get(payerId)?.doing;
  if (doing?.state !== "matched") throw new Error("no match");
  return doing.match.id;
}

/** The states of tip events that a session received. */
function statesOf(sessionId: SessionId): string[] {
  const session = realm.sessions.get(sessionId);
  const events = session?.events.after(0) ?? [];
  return events.flatMap(({ event }) => (event.type === "tip_updated" ? [event.state] : []));
}

/** Advances the clock until a condition holds, as the ledger is written in real time. */
async function passUntil(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let second = 0; !(await holds()); second++) {
    if (second > 100) throw new Error("the condition was not met");
    await passSecond();
  }
}

async function passSecond(): Promise<void> {
  await clock.pass(1_000);
  await new Promise((resolve) => setTimeout(resolve, 10));
}

const offer = { id: "tip-1" as TipId, payerId, payeeId, amountMsat: 1_000, comment: "" };

function invoice(expiresMs: number) {
  const preimage = randomBytes(32).toString("hex");
  const paymentHash = createHash("sha256").update(preimage, "hex").digest("hex");
  return { preimage, invoice: { text: "lnbcrt1", paymentHash, amountMsat: 1_000, expiresMs } };
}

it("refuses further tips of a network when its daily budget is used up, but neither calls nor tips to it", async () => {
  const tipping = new Tipping({ tips, lobby, clock, enforcement, network: "regtest", onChange: () => changes++ });
  const used = Array.from({ length: tipBudget.ofNetwork }, (_, index) => {
    const id = `used-${String(index)}` as TipId;
    const used = { ...offer, id, payerId: "neighbour" as SessionId, matchId };
    const budget = { ...tipBudget, open: Infinity };
    return tips.add(offered(used, clock.nowMs()), ["payer's net" as AddressKey], budget);
  });
  for (const { state } of await Promise.all(used)) expect(state).toBe("added");
  const one = { tipId: offer.id, matchId, amountMsat: 1_000, comment: "" };
  const refusal = await tipping.offer(payer, one).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ reason: "limit_reached", message: expect.stringContaining("today") as string });
  expect((refusal as DomainError).context.retryAfterMs).toBe(remainingDayMs(clock.nowMs()));
  expect(await tips.get(offer.id)).toBeUndefined();
  await tipping.offer({ sessionId: payeeId, host: "192.0.2.2" }, { ...one, tipId: "back" as TipId });
  expect(statesOf(payerId)).toEqual(["offered"]);
  const descriptions = { hasOffer: false, hasAnswer: false };
  const post = {
    sessionId: payerId,
    matchId,
    clientSequence: 1,
    signals: "[]" as EncodedSignals,
    descriptions,
    nowMs: clock.nowMs(),
  };
  expect(await lobby.relay(post)).toEqual({ state: "relayed" });
});

it("expires an offer without an invoice, and notifies both sides once", async () => {
  const tipping = new Tipping({ tips, lobby, clock, enforcement, network: "regtest", onChange: () => changes++ });
  await tipping.offer(payer, { tipId: offer.id, matchId, amountMsat: 1_000, comment: "" });
  await clock.pass(INVOICE_MS - 1_000);
  expect(statesOf(payeeId)).toEqual(["offered"]);
  await passUntil(() => statesOf(payeeId).length > 1);
  expect(statesOf(payerId)).toEqual(["offered", "expired"]);
  await clock.pass(60_000);
  expect(statesOf(payeeId)).toEqual(["offered", "expired"]);
  expect(changes).toBe(2);
});

it("waits for a payment that may be under way after its invoice expired", async () => {
  const { invoice: made, preimage } = invoice(clock.nowMs() + 60_000);
  const added = await tips.add(offered({ ...offer, matchId }, clock.nowMs()), [], tipBudget);
  if (added.state !== "added") throw new Error(added.state);
  await tips.change(invoiced(added.tip, payeeId, made, clock.nowMs()), added.tip.number);
  await clock.pass(60_000 + LATE_PAYMENT_MS - 2_000);
  const tipping = new Tipping({ tips, lobby, clock, enforcement, network: "regtest", onChange: () => changes++ });
  await tipping.confirm(payer, { tipId: offer.id, preimage });
  await passUntil(() => statesOf(payerId).includes("settled"));
  expect(await tips.get(offer.id)).toMatchObject({ state: "settled" });
});

it("expires an invoiced tip after its deadline, and settles it if the payment arrives nevertheless", async () => {
  const added = await tips.add(offered({ ...offer, matchId }, clock.nowMs()), [], tipBudget);
  if (added.state !== "added") throw new Error(added.state);
  const { invoice: made, preimage } = invoice(clock.nowMs() + 60_000);
  await tips.change(invoiced(added.tip, payeeId, made, clock.nowMs()), added.tip.number);
  await clock.pass(60_000 + LATE_PAYMENT_MS);
  await passUntil(() => statesOf(payerId).includes("expired"));
  const tipping = new Tipping({ tips, lobby, clock, enforcement, network: "regtest", onChange: () => changes++ });
  await clock.pass(3 * 24 * 60 * 60_000);
  await tipping.confirm(payer, { tipId: offer.id, preimage });
  expect(await tips.get(offer.id)).toMatchObject({ state: "settled", preimage });
  expect(await tips.total(`given:${payerId}`)).toEqual({ count: 1, amountMsat: 1_000 });
});

it("sends notifications that a killed process left pending", async () => {
  await tips.add(offered({ ...offer, matchId }, clock.nowMs()), [], tipBudget);
  await clock.pass(4_000);
  expect(statesOf(payeeId)).toEqual([]);
  await passUntil(() => statesOf(payeeId).length > 0);
  await clock.pass(30_000);
  expect(statesOf(payerId)).toEqual(["offered"]);
  expect(statesOf(payeeId)).toEqual(["offered"]);
});

it("notifies of a change once, however long the ledger cannot store that it did", async () => {
  const markTold = tips.markNotified.bind(tips);
  tips.markNotified = () => Promise.reject(new DomainError("store_full", "no room"));
  await tips.add(offered({ ...offer, matchId }, clock.nowMs()), [], tipBudget);
  await passUntil(() => statesOf(payeeId).length > 0);
  for (let second = 0; second < 20; second++) await passSecond();
  expect([statesOf(payerId), statesOf(payeeId)]).toEqual([["offered"], ["offered"]]);
  tips.markNotified = markTold;
  await passUntil(async () => (await tips.pendingNotifications(clock.nowMs(), 1)).length === 0);
  expect([statesOf(payerId), statesOf(payeeId)]).toEqual([["offered"], ["offered"]]);
});

it("keeps pending notifications while the lobby is unavailable, and sends them later", async () => {
  let away = true;
  const append: MemoryLobby["append"] = (event) =>
    away ? Promise.reject(new DomainError("store_away", "away")) : lobby.append(event);
  const flaky = { append, partner: lobby.partner.bind(lobby) };
  const tipping = new Tipping({
    tips,
    lobby: flaky,
    clock,
    enforcement,
    network: "regtest",
    onChange: () => changes++,
  });
  await tipping.offer(payer, { tipId: offer.id, matchId, amountMsat: 1_000, comment: "" });
  expect(statesOf(payeeId)).toEqual([]);
  away = false;
  await passUntil(() => statesOf(payeeId).length > 0);
  expect(statesOf(payeeId)).toEqual(["offered"]);
});

it("accepts a tip to a partner of the last ten minutes, and refuses one after that", async () => {
  const tipping = new Tipping({ tips, lobby, clock, enforcement, network: "regtest", onChange: () => changes++ });
  const give = (tipId: string) =>
    tipping.offer(payer, { tipId: tipId as TipId, matchId, amountMsat: 1_000, comment: "" });
  await lobby.leave({ sessionId: payerId, nowMs: clock.nowMs() });
  await clock.pass(REPORTABLE_MS);
  await give("in-time");
  await clock.pass(1);
  await expect(give("too-late")).rejects.toMatchObject({ reason: "match_over" });
  await give("in-time"); // repeated
  expect(await tips.get("too-late" as TipId)).toBeUndefined();
});

it("cancels tips offered between two separated sessions, and no other tips", async () => {
  const tipping = new Tipping({ tips, lobby, clock, enforcement, network: "regtest", onChange: () => changes++ });
  const third = "third" as SessionId;
  const pairs = {
    theirs: [payerId, payeeId],
    back: [payeeId, payerId],
    own: [payerId, third],
    other: [payeeId, third],
  };
  for (const [id, [from = third, to = third]] of Object.entries(pairs)) {
    await tips.add(
      offered({ ...offer, id: id as TipId, payerId: from, payeeId: to, matchId }, clock.nowMs()),
      [],
      tipBudget,
    );
  }
  await tipping.cancelBetween(payeeId, payerId);
  const states = await Promise.all(Object.keys(pairs).map(async (id) => (await tips.get(id as TipId))?.state));
  expect(states).toEqual(["declined", "cancelled", "offered", "offered"]);
});

it("cancels an offer that was stored just after a report", async () => {
  const tipping = new Tipping({ tips, lobby, clock, enforcement, network: "regtest", onChange: () => changes++ });
  const add = tips.add.bind(tips);
  tips.add = async (...given) => {
    await lobby.report({ sessionId: payeeId, matchId, nowMs: clock.nowMs() });
    return await add(...given);
  };
  await tipping.offer(payer, { tipId: offer.id, matchId, amountMsat: 1_000, comment: "" });
  expect(await tips.get(offer.id)).toMatchObject({ state: "declined" });
});
