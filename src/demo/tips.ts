import type { Tip, TipTerms, TipTotals } from "@satoshigle/client";
import { sats } from "./words.js";

/** Amounts to choose from, in satoshis. */
export const usualSats = [21, 100, 500, 1_000] as const;

/** What of the tips wants the person: to answer one, or to pay one. */
export function findTask(tips: readonly Tip[], wallet: { pays: boolean; answers: boolean }): Tip | undefined {
  return tips.find((tip) => {
    if (tip.role === "payee") return tip.state === "offered" && (!wallet.answers || tip.problem !== undefined);
    // What a wallet was asked to pay is its business, unless it is gone.
    const isPayable = (tip.state === "invoiced" && tip.problem === undefined) || tip.state === "paying";
    return isPayable && !wallet.pays;
  });
}

/** Invoiced before this page was loaded, so that nobody pays it unasked. */
export function isLeftOver(tip: Tip, loadedAtMs: number): boolean {
  return tip.role === "payer" && tip.state === "invoiced" && tip.createdAtMs < loadedAtMs;
}

/** A typed amount in thousandths of a satoshi, or why it is none. */
export function parseSats(typed: string, terms: TipTerms): { amountMsat: number } | { problem: string } {
  const text = typed.trim().replace(/[\s,_]/g, "");
  const amountMsat = Number(text) * 1_000;
  if (!/^\d+$/.test(text)) return { problem: "Please enter a whole number of sats." };
  if (amountMsat < terms.minMsat) return { problem: `The minimum is ${sats(terms.minMsat)}.` };
  if (amountMsat > terms.maxMsat) return { problem: `The maximum is ${sats(terms.maxMsat)}.` };
  return { amountMsat };
}

/** What was given and got in a call so far, or nothing. */
export function describeTotals({ givenMsat, receivedMsat }: TipTotals): string {
  const given = givenMsat > 0 ? [`↑ ${sats(givenMsat)}`] : [];
  const received = receivedMsat > 0 ? [`↓ ${sats(receivedMsat)}`] : [];
  return [...given, ...received].join(" ");
}
