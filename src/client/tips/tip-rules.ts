import { SatoshigleError } from "../errors.js";
import type { State } from "../types.js";
import type { Tip, TipTerms } from "./types.js";

/** How long a payee has to answer; the server says it exactly. */
const ANSWER_MS = 2 * 60_000;

/** The match in which a tip can be offered; throws when it cannot. */
export function checkTip(state: State, amountMsat: number, comment: string): string {
  const { tips, activity } = state;
  if (tips === null) throw new SatoshigleError("tips_off", "There are no tips on this server.");
  if (activity.phase !== "matched") throw new SatoshigleError("match_over", "There is nobody to tip right now.");
  if (!Number.isSafeInteger(amountMsat) || amountMsat < tips.minMsat || amountMsat > tips.maxMsat) {
    const range = `${String(tips.minMsat)} to ${String(tips.maxMsat)} thousandths of a satoshi`;
    throw new SatoshigleError("invalid", `A tip is a whole number of ${range}.`, { field: "amount_msat" });
  }
  if (Array.from(comment).length > tips.maxCommentCharacters) {
    const most = String(tips.maxCommentCharacters);
    throw new SatoshigleError("invalid", `The words to a tip have at most ${most} characters.`, { field: "comment" });
  }
  return activity.matchId;
}

/** Whether a tip to this side is one that the server's own terms allow. */
export function isWithin(terms: TipTerms | null, { amountMsat, comment }: Tip): boolean {
  if (terms === null || amountMsat < terms.minMsat || amountMsat > terms.maxMsat) return false;
  return Array.from(comment).length <= terms.maxCommentCharacters;
}

export function newTip(matchId: string, amountMsat: number, comment: string): Tip {
  const now = Date.now();
  return {
    id: newTipId(),
    matchId,
    role: "payer",
    amountMsat,
    comment,
    state: "offered",
    invoice: undefined,
    createdAtMs: now,
    expiresAtMs: now + ANSWER_MS,
    invoiceExpiresAtMs: undefined,
    problem: undefined,
  };
}

/** 128 random bits. Not `randomUUID`: browsers have that on secure pages only. */
function newTipId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
