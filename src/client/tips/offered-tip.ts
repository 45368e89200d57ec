import type { Tip, TipTerms } from "./types.js";

/** How long a payee has to answer, until the server reports the exact time. */
const ANSWER_MS = 2 * 60_000;

/** Whether the server's own terms allow a tip that it reports. */
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

/** 128 random bits. Not `randomUUID`, which browsers offer on secure pages only. */
function newTipId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
