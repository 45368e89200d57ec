import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { invoiceOf } from "../support/invoice.js";
import { candidate, pair } from "../support/pair.js";
import { TestClient } from "../support/test-client.js";
import { report, Target } from "./support/target.js";

const TIPS = 40;
const AMOUNT_MSAT = 21_000;

let target: Target;
beforeAll(async () => {
  target = await Target.start({
    MAX_CONNECTIONS_PER_IP: "10000",
    RATE_LIMIT_MAX_REQUESTS: "100000",
    WIDEN_AFTER_MS: "600000",
    LIGHTNING_NETWORK: "regtest",
    BAN_AFTER_REPORTS: "0",
  });
});
afterAll(() => target.close());

const words = (index: number) => `words ${String(index)} that nobody wants to read`;

/** The events that a session still receives until it is matched with the next partner. */
async function heardSoFar(person: TestClient) {
  const heard = [];
  const other = await TestClient.open(target.transport());
  const request = { preferences: { interests: [randomUUID().slice(0, 23)] } };
  await person.match(request);
  await other.match(request);
  for (let event = (await person.next()).event; ; event = (await person.next()).event) {
    if (event.case === "matched") break;
    heard.push(event);
  }
  await other.break();
  return heard;
}

/** Offers tips with comments, at most 8 open at once. Returns how many were accepted. */
async function offerTips(from: TestClient, matchId: string): Promise<number> {
  let taken = 0;
  for (let index = 0; index < TIPS; index++) {
    const tipId = randomUUID();
    const tip = { tipId, matchId, amountMsat: BigInt(AMOUNT_MSAT), comment: words(index) };
    const isTaken = await from.tips.offer(tip).then(
      () => true,
      () => false,
    );
    if (!isTaken) continue;
    taken++;
    await from.tips.cancel({ tipId }); // makes room for the next
  }
  return taken;
}

const texts = (heard: Awaited<ReturnType<typeof heardSoFar>>) =>
  new Set(heard.flatMap((event) => (event.case === "tipUpdated" ? [event.value.tip?.comment ?? ""] : [])));

describe.concurrent("after a report neither side reaches the other", () => {
  it.each([
    ["from the reported side", "answerer", "offerer"],
    ["who reported", "offerer", "answerer"],
  ] as const)("40 tips with words of the one %s", async (what, from, to) => {
    const two = await pair(target.transport());
    const { matchId } = two;
    await two.offerer.report({ matchId, reason: ReportReason.HARASSMENT });
    const taken = await offerTips(two[from], matchId);
    const arrived = texts(await heardSoFar(two[to])).size;
    report(`tips with words of the one ${what}`, { offered: TIPS, taken, arrived });
    expect(arrived).toBe(0);
  });

  it.each([
    ["is reported", "offerer"],
    ["reports", "answerer"],
  ] as const)("an invoice for a tip that was offered before, when the payer %s", async (_what, payerIs) => {
    const two = await pair(target.transport());
    const { matchId } = two;
    const [payer, payee] = payerIs === "offerer" ? [two.offerer, two.answerer] : [two.answerer, two.offerer];
    const tipId = randomUUID();
    await payer.tips.offer({ tipId, matchId, amountMsat: BigInt(AMOUNT_MSAT), comment: "" });
    await two.answerer.report({ matchId, reason: ReportReason.HARASSMENT });
    const { invoice } = invoiceOf({ amountMsat: AMOUNT_MSAT });
    const isTaken = await payee.tips.sendInvoice({ tipId, invoice }).then(
      () => true,
      () => false,
    );
    const heard = await heardSoFar(payer);
    const invoices = heard.filter(
      (event) => event.case === "tipUpdated" && event.value.tip?.invoice === invoice,
    ).length;
    report("an invoice after a report", { taken: String(isTaken), arrived: invoices });
    expect({ isTaken, invoices }).toEqual({ isTaken: false, invoices: 0 });
  });

  it("with signals that were sent before, when the reporter reconnects", async () => {
    const { matchId, offerer: victim, answerer: offender } = await pair(target.transport());
    const { resume } = victim;
    await victim.break();
    for (let index = 1; index <= TIPS; index++) {
      await offender.send({ matchId, clientSequence: index, signals: [candidate(index)] });
    }
    await victim.report({ matchId, reason: ReportReason.HARASSMENT });
    const again = await TestClient.open(target.transport(), resume);
    const heard = await heardSoFar(again);
    const arrived = heard.filter((event) => event.case === "signalReceived" && event.value.signals.length > 0).length;
    report("signals replayed after a report", { sent: TIPS, arrived });
    expect(arrived).toBe(0);
  });
});

it("no attack caused an error", async () => {
  expect((await target.figures()).troubles).toEqual([]);
});
