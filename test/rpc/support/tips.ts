import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { invoiceOf } from "../../support/invoice.js";
import { pair } from "../../support/pair.js";
import { type Person, transportTo } from "../../support/person.js";
import type { TestServer } from "../../support/server.js";

/** What is tipped, in msat. */
export const AMOUNT = 21_000;

/** Two in a match. */
export async function couple({ url }: TestServer) {
  const { offerer: payer, answerer: payee, matchId } = await pair(transportTo(url));
  return { payer, payee, matchId };
}

/** A tip that was offered and that both sides heard of. */
export async function offered(server: TestServer) {
  const all = await couple(server);
  const tipId = randomUUID();
  await all.payer.tips.offer({ tipId, matchId: all.matchId, amountMsat: BigInt(AMOUNT), comment: "well said" });
  await Promise.all([all.payer.until("tipUpdated"), all.payee.until("tipUpdated")]);
  return { ...all, tipId };
}

/** One that was answered with an invoice. */
export async function invoiced(server: TestServer) {
  const all = await offered(server);
  const made = invoiceOf({ amountMsat: AMOUNT });
  await all.payee.tips.sendInvoice({ tipId: all.tipId, invoice: made.invoice });
  await Promise.all([all.payer.until("tipUpdated"), all.payee.until("tipUpdated")]);
  return { ...all, ...made };
}

/** What the next event says, which is to be about a tip. */
export async function nextTip(person: Person) {
  const { event } = await person.next();
  if (event.case !== "tipUpdated") throw new Error(`not a tip but ${event.case}`);
  return event.value.tip;
}

/** Nothing happened to the two: what they are told next is that the match is over. */
export async function expectNothingMore(payer: Person, payee: Person): Promise<void> {
  await payer.leave();
  expect((await payer.next()).event.case).toBe("matchEnded");
  expect((await payee.next()).event.case).toBe("matchEnded");
}
