import type { GivenMinutes, MinutesView, ReceivedMinutes } from "@satoshigle/client";
import { type Key, say, sentences } from "./say.js";
import { sats } from "./words.js";

/** What this side pays, or is asked to pay. */
export function describeGiven(priceMsat: number, given: GivenMinutes | null): string {
  const asked = priceMsat > 0 ? say("minutes.asked", { price: sats(priceMsat) }) : "";
  if (given === null) return asked;
  const spent = say("minutes.spent", { spent: sats(given.spentMsat), budget: sats(given.budgetMsat) });
  if (given.end !== undefined) return sentences(say(`minutes.ended.${given.end}`), spent);
  return sentences(say("minutes.given", { price: sats(priceMsat) }), spent);
}

/** What this side asks, and what the partner says and pays. */
export function describeReceived({ ownMsat, received }: Pick<MinutesView, "ownMsat" | "received">): string {
  const price = sats(ownMsat);
  if (received === null) return ownMsat > 0 ? say("minutes.asking", { price }) : "";
  const sum = say("minutes.sum", { sum: sats(received.receivedMsat) });
  if (received.end !== undefined) return sentences(say(whyNoMore(received.end)), sum);
  const late = received.overdue ? say("minutes.overdue") : "";
  return sentences(say("minutes.received", { price }), late, sum);
}

/** What was paid in a match that is over. Why it ended before does not matter any more, unless money may be missing. */
export function describeOver({ given, received }: Pick<MinutesView, "given" | "received">): string {
  const sum = received ? say("minutes.sum", { sum: sats(received.receivedMsat) }) : "";
  if (given?.end === "failed") return sentences(describeGiven(0, given), sum);
  const paid = given ? describeGiven(0, { ...given, end: "call_over" }) : say("minutes.ended.call_over");
  return sentences(paid, sum);
}

function whyNoMore(end: NonNullable<ReceivedMinutes["end"]>): Key {
  const hasReason = end === "no_picture" || end === "no_sound" || end === "budget" || end === "failed";
  return hasReason ? `minutes.noMore.${end}` : "minutes.noMore";
}
