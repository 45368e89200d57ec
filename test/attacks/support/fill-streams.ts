import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { randomUUID } from "node:crypto";
import { ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { ReportReason } from "../../../gen/satoshigle/v1/matching_pb.js";
import { invoiceOf } from "../../support/invoice.js";
import { pair } from "../../support/pair.js";
import type { Target } from "./target.js";

const LANES = 16;

/** Does something for each number below `count`, in lanes that each come from a network of their own. */
async function inLanes(count: number, act: (index: number, lane: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (_: unknown, number: number) => {
    while (next < count) await act(next++, number);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

const from = (target: Target, lane: number) => target.transport(`127.0.${String(lane + 1)}.1`);

/** A long text that begins with a number of its own. */
const longText = (length: number) => `${randomUUID()} `.padEnd(length, "€");

/** A ban with a long reason becomes a long event. */
export async function banOften(target: Target, count: number): Promise<void> {
  const moderation = createClient(ModerationService, createGrpcTransport({ baseUrl: target.internalUrl }));
  await inLanes(count, async () => {
    await moderation.ban({ addressKey: "A".repeat(22), reason: longText(500) });
  });
}

/** Long reports, by both sides of many matches. */
export async function reportOften(target: Target, count: number): Promise<void> {
  await inLanes(Math.ceil(count / 2), async (index, lane) => {
    const { matchId, offerer, answerer } = await pair(from(target, lane));
    const sides = index * 2 + 1 < count ? [offerer, answerer] : [offerer];
    for (const side of sides) {
      await side.report({ matchId, reason: ReportReason.OTHER, comment: longText(1_000) });
    }
    await Promise.all([offerer.break(), answerer.break()]);
  });
}

/** Tips with a long comment and a long invoice, which the payer cancels. */
export async function tipOften(target: Target, count: number): Promise<void> {
  const amountMsat = 21_000;
  const couples = await Promise.all(Array.from({ length: LANES }, (_, lane) => pair(from(target, lane))));
  await inLanes(count, async (_, lane) => {
    const couple = couples[lane];
    if (couple === undefined) return;
    const [{ matchId, offerer: payer, answerer: payee }, tipId] = [couple, randomUUID()];
    await payer.tips.offer({ tipId, matchId, amountMsat: BigInt(amountMsat), comment: longText(140) });
    const description = "a long description ".repeat(32);
    await payee.tips.sendInvoice({ tipId, invoice: invoiceOf({ amountMsat, description }).invoice });
    await payer.tips.cancel({ tipId });
  });
  await Promise.all(couples.flatMap(({ offerer, answerer }) => [offerer.break(), answerer.break()]));
}
