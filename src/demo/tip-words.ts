import { isBlank, SatoshigleError, type SatsStreamEnd, type Tip, type TipState } from "@satoshigle/client";
import { AddressProblem } from "@satoshigle/client/wallets";
import { isolate } from "./bidi.js";
import { explainError } from "./problems.js";
import { type Key, say, sentences } from "./say.js";
import { sats } from "./words.js";

/** Describes the state of a tip. Never says that it failed while the payment may still succeed. */
export function describeTip(tip: Tip): string {
  const amount = sats(tip.amountMsat);
  if (tip.role === "payee") {
    const received = say(receiving[tip.state], { amount });
    const quotes = !silent.has(tip.state) && !isBlank(tip.comment);
    return quotes ? say("tip.withComment", { tip: received, comment: isolate(tip.comment) }) : received;
  }
  if (tip.state === "cancelled") {
    return sentences(say("tip.cancelled", { amount }), explainTipProblem(tip) || say("tip.nothingPaid"));
  }
  // What went wrong with a payment says more than that it is on its way.
  if ((tip.state === "expired" || tip.state === "paying") && tip.problem !== undefined) return explainTipProblem(tip);
  if (tip.state === "expired" && tip.invoice === undefined) return say("tip.unanswered");
  return say(`tip.${tip.state}`, { amount });
}

/** What is known about a payment: the proof and the payee's word are two facts. Empty before there is one. */
export function describeFacts({ role, state, receivedAtMs }: Tip): string {
  const proved = state === "settled" ? [say("tip.fact.proved")] : [];
  const word = role === "payee" ? say("tip.fact.received") : say("tip.fact.partnerReceived");
  return [...(receivedAtMs === undefined ? [] : [word]), ...proved].join(" · ");
}

const receiving = {
  offered: "tip.received.offered",
  invoiced: "tip.received.invoiced",
  paying: "tip.paying",
  unconfirmed: "tip.unconfirmed",
  received: "tip.received.received",
  settled: "tip.received.settled",
  declined: "tip.received.declined",
  cancelled: "tip.received.cancelled",
  expired: "tip.received.expired",
} as const satisfies Record<TipState, Key>;

/** States in which the payer's comment is not shown. */
const silent = new Set<TipState>(["declined", "cancelled", "expired"]);

/** What went wrong with a tip; empty if nothing did. */
export function explainTipProblem({ problem, problemCode, saidByWallet }: Tip): string {
  if (problem === undefined || problemCode === undefined) return problem ?? "";
  const said = say(`tip.problem.${problemCode}`);
  return saidByWallet ? sentences(said, say("tip.walletSays", { words: isolate(problem) })) : said;
}

/** Why something that the person did about a tip failed. */
export function explainTipError(error: unknown): string {
  if (error instanceof AddressProblem) return explainAddressProblem(error);
  if (!(error instanceof SatoshigleError)) return say("error.internal.text");
  if (error.cause instanceof AddressProblem) return explainAddressProblem(error.cause);
  if (error.problem === "whole_sats") return say("tip.problem.whole_sats");
  if (error.code === "wallet_failed") {
    const isQuoted = error.cause instanceof Error && error.cause.message.endsWith(error.message);
    return isQuoted ? say("tip.walletSays", { words: isolate(error.message) }) : say("tip.problem.no_invoice");
  }
  return explainError(error, Date.now()).text;
}

/** Why a lightning address is of no use. */
function explainAddressProblem({ tipProblem, message }: AddressProblem): string {
  const said = say(`tip.problem.${tipProblem}`);
  return tipProblem === "address_refused" ? sentences(said, say("tip.walletSays", { words: isolate(message) })) : said;
}

/** Why a stream of sats ended. Empty if the user stopped it. */
export function explainStreamEnd(reason: SatsStreamEnd): string {
  return reason === "stopped" ? "" : say(`tip.stream.ended.${reason}`);
}
