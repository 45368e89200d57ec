import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { invoiceOf } from "../../support/invoice.js";
import { pair } from "../../support/pair.js";
import { type TestClient, transportTo } from "../../support/test-client.js";
import type { TestServer } from "../../support/server.js";

/** The amount of each tip, in msat. */
export const AMOUNT = 21_000;

/** Two matched clients. */
export async function couple({ url }: TestServer) {
  const { offerer: payer, answerer: payee, matchId } = await pair(transportTo(url));
  return { payer, payee, matchId };
}

/** An offered tip, of which both sides have received the event. */
export async function offered(server: TestServer) {
  const all = await couple(server);
  const tipId = randomUUID();
  await all.payer.tips.offer({ tipId, matchId: all.matchId, amountMsat: BigInt(AMOUNT), comment: "well said" });
  await Promise.all([all.payer.until("tipUpdated"), all.payee.until("tipUpdated")]);
  return { ...all, tipId };
}

/** A tip with an invoice. */
export async function invoiced(server: TestServer) {
  const all = await offered(server);
  const made = invoiceOf({ amountMsat: AMOUNT });
  await all.payee.tips.sendInvoice({ tipId: all.tipId, invoice: made.invoice });
  await Promise.all([all.payer.until("tipUpdated"), all.payee.until("tipUpdated")]);
  return { ...all, ...made };
}

/** The next event, which must be about a tip. */
export async function nextTip(person: TestClient) {
  const { event } = await person.next();
  if (event.case !== "tipUpdated") throw new Error(`not a tip but ${event.case}`);
  return event.value.tip;
}

/** The two received nothing else: their next event is the end of the match. */
export async function expectNothingMore(payer: TestClient, payee: TestClient): Promise<void> {
  await payer.leave();
  expect((await payer.next()).event.case).toBe("matchEnded");
  expect((await payee.next()).event.case).toBe("matchEnded");
}
