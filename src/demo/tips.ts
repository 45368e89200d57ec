import type { Tip, TipTerms, TipTotals } from "@satoshigle/client";
import { sats } from "./words.js";

/** Suggested amounts, in satoshis. */
export const usualSats = [21, 100, 500, 1_000] as const;

/** Finds the tip that the user has to answer or pay. */
export function findTask(tips: readonly Tip[], wallet: { pays: boolean; answers: boolean }): Tip | undefined {
  return tips.find((tip) => {
    if (tip.role === "payee") return tip.state === "offered" && (!wallet.answers || tip.problem !== undefined);
    // A wallet that was asked to pay handles the tip, unless it is gone.
    const isPayable = (tip.state === "invoiced" && tip.problem === undefined) || tip.state === "paying";
    return isPayable && !wallet.pays;
  });
}

/** Whether a tip was invoiced before this page loaded. Wallets do not pay such a tip automatically. */
export function isLeftOver(tip: Tip, loadedAtMs: number): boolean {
  return tip.role === "payer" && tip.state === "invoiced" && tip.createdAtMs < loadedAtMs;
}

/** Parses a typed amount to millisatoshis. */
export function parseSats(typed: string, terms: TipTerms): { amountMsat: number } | { problem: string } {
  const text = typed.trim().replace(/[\s,_]/g, "");
  const amountMsat = Number(text) * 1_000;
  if (!/^\d+$/.test(text)) return { problem: "Please enter a whole number of sats." };
  if (amountMsat < terms.minMsat) return { problem: `The minimum is ${sats(terms.minMsat)}.` };
  if (amountMsat > terms.maxMsat) return { problem: `The maximum is ${sats(terms.maxMsat)}.` };
  return { amountMsat };
}

/** The amounts given and received in a call, or an empty string. */
export function describeTotals({ givenMsat, receivedMsat }: TipTotals): string {
  const given = givenMsat > 0 ? [`↑ ${sats(givenMsat)}`] : [];
  const received = receivedMsat > 0 ? [`↓ ${sats(receivedMsat)}`] : [];
  return [...given, ...received].join(" ");
}
