import type { ClientOptions } from "../types.js";
import type { Tip, TipTerms } from "./types.js";

/**
 * A tip that this side gives, as the person agreed to it, with what is needed to finish it in another session. It is
 * written by the client only; what the server says about the amount never changes it.
 */
export interface PendingTip extends Pick<
  Tip,
  "id" | "matchId" | "amountMsat" | "comment" | "createdAtMs" | "invoice" | "invoiceExpiresAtMs"
> {
  network: TipTerms["network"];
  expiresAtMs: number;
  /** The token of the session that offered it. */
  token: string;
  /** A wallet was asked to pay it, so none must be asked again. */
  asked: boolean;
  /** The proof of the payment. */
  preimage?: string;
  /** What is shown of it, if it was put away, or has ended although it may have been paid. */
  shown?: Pick<Tip, "putAway"> | Pick<Tip, "state" | "problem" | "problemCode" | "putAway">;
}

export type TipStorage = NonNullable<ClientOptions["tipStorage"]>;

/** The key under which the tips on this server are stored. */
export function tipsKey(baseUrl: string): string {
  return `satoshigle.tips:${baseUrl}`;
}

/** Returns the unsettled tips in the storage; none if it is blocked or damaged. */
export function readStoredTips(baseUrl: string, storage: TipStorage | null): PendingTip[] {
  try {
    const saved: unknown = JSON.parse(storage?.getItem(tipsKey(baseUrl)) ?? "[]");
    return Array.isArray(saved) ? saved.filter(isPendingTip) : [];
  } catch {
    return [];
  }
}

/** Returns the tip as far as the storage knows it. */
export function restoredTip(tip: PendingTip): Tip {
  const { id, matchId, amountMsat, comment, createdAtMs, expiresAtMs, invoice, invoiceExpiresAtMs } = tip;
  const open = invoice === undefined ? "offered" : tip.asked ? "paying" : "invoiced";
  const state = tip.preimage === undefined ? open : "unconfirmed";
  const facts = { id, matchId, amountMsat, comment, createdAtMs, expiresAtMs, invoice, invoiceExpiresAtMs };
  return { ...facts, role: "payer", state, problem: undefined, ...tip.shown };
}

function isPendingTip(value: unknown): value is PendingTip {
  const tip = Object(value) as Record<string, unknown>;
  const texts = [tip.id, tip.matchId, tip.comment, tip.token, tip.network, tip.invoice ?? ""];
  const numbers = [tip.createdAtMs, tip.expiresAtMs];
  return (
    texts.every((text) => typeof text === "string") &&
    numbers.every((number) => Number.isFinite(number)) &&
    Number.isSafeInteger(tip.amountMsat) &&
    typeof tip.asked === "boolean"
  );
}
