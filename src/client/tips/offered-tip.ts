import { SatoshigleError } from "../errors.js";
import type { Wallet } from "../wallets/wallet.js";
import type { Tip, TipTerms } from "./types.js";

/** How long a payee has to answer, until the server reports the exact time. */
const ANSWER_MS = 2 * 60_000;

/** Whether the server's own terms allow a tip that it reports. */
export function isWithin(terms: TipTerms | null, { amountMsat, comment }: Tip): boolean {
  if (terms === null || amountMsat < terms.minMsat || amountMsat > terms.maxMsat) return false;
  return Array.from(comment).length <= terms.maxCommentCharacters;
}

/** Throws if a tip cannot be offered with this comment, or cannot be paid by the wallet that is to pay it. */
export function checkOffer(terms: TipTerms | null, wallet: Wallet | null, amountMsat: number, comment: string): void {
  const max = terms?.maxCommentCharacters ?? 0;
  if (Array.from(comment).length > max) {
    throw new SatoshigleError("invalid", `A comment must have at most ${String(max)} characters.`, {
      field: "comment",
    });
  }
  if (wallet?.pay && wallet.wholeSats && amountMsat % 1_000 !== 0) throw wholeSatsError();
}

/** The error of a wallet that cannot handle an amount with a fraction of a satoshi. */
export function wholeSatsError(): SatoshigleError {
  const words = "Your wallet handles whole satoshis only, and this amount is not a whole number of them.";
  return new SatoshigleError("invalid", words, { field: "amount_msat", problem: "whole_sats" });
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
