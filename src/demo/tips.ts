import type { Tip, TipTerms, TipTotals } from "@satoshigle/client";
import { say, spokenLocale } from "./say.js";
import { sats } from "./words.js";

/** Suggested amounts, in satoshis. */
export const usualSats = [21, 100, 500, 1_000] as const;

/** How long two wallets may take. */
const SOON_MS = 8_000;

/** Finds the tip that the user has to answer or pay. */
export function findTask(tips: readonly Tip[], wallet: { pays: boolean; answers: boolean }): Tip | undefined {
  return tips.find((tip) => {
    if (tip.role === "payee") return tip.state === "offered" && (!wallet.answers || tip.problem !== undefined);
    if (tip.putAway) return false;
    // A wallet that was asked to pay handles the tip, unless it is gone or does not say what came of it.
    if (tip.state === "paying") return !wallet.pays || tip.problem !== undefined;
    return tip.state === "invoiced" && tip.problem === undefined && !wallet.pays;
  });
}

/** Whether a tip was invoiced before this page loaded. Wallets do not pay such a tip automatically. */
export function isLeftOver(tip: Tip, loadedAtMs: number): boolean {
  return tip.role === "payer" && tip.state === "invoiced" && tip.createdAtMs < loadedAtMs;
}

/** Whether the money for an invoice of this side has not arrived soon, as it does if wallets do all the work. */
export function isLate({ role, state, createdAtMs }: Tip, nowMs: number): boolean {
  return role === "payee" && state === "invoiced" && nowMs - createdAtMs > SOON_MS;
}

/** Parses a typed amount to millisatoshis. Takes the digits of every script, in groups as the spoken language has them. */
export function parseSats(typed: string, terms: TipTerms): { amountMsat: number } | { problem: string } {
  const text = withoutGroups(toAsciiDigits(typed.replace(/[\s_]/g, "")));
  const amountMsat = Number(text) * 1_000;
  if (!/^\d+$/.test(text)) return { problem: say("amount.whole") };
  if (amountMsat < terms.minMsat) return { problem: say("amount.minimum", { amount: sats(terms.minMsat) }) };
  if (amountMsat > terms.maxMsat) return { problem: say("amount.maximum", { amount: sats(terms.maxMsat) }) };
  return { amountMsat };
}

/** The first of ten digits in a row, for each script whose digits people type in the languages of the page. */
const ZEROS = ["\u0660", "\u06f0", "\u0966", "\uff10"].map((zero) => zero.charCodeAt(0));

function toAsciiDigits(text: string): string {
  return text.replace(/\P{ASCII}/gu, (sign) => {
    const digit = ZEROS.map((zero) => sign.charCodeAt(0) - zero).find((value) => value >= 0 && value <= 9);
    return digit === undefined ? sign : String(digit);
  });
}

/** Removes the separators of groups. The same sign may separate decimals elsewhere, so a group has its three digits. */
function withoutGroups(text: string): string {
  const parts = new Intl.NumberFormat(spokenLocale()).formatToParts(1_234_567);
  const group = parts.find(({ type }) => type === "group")?.value ?? ",";
  const [first = "", ...others] = text.split(group);
  const isGrouped = /^\d{1,3}$/.test(first) && others.every((digits) => /^\d{3}$/.test(digits));
  return isGrouped ? first + others.join("") : text;
}

/** The amounts given and received in a call, proved ones apart from others, or an empty string. */
export function describeTotals(totals: TipTotals): string {
  const { givenMsat, receivedMsat, unprovedGivenMsat, unprovedReceivedMsat } = totals;
  const sum = (arrow: string, msat: number) => (msat > 0 ? [`${arrow} ${sats(msat)}`] : []);
  const unproved = (arrow: string, msat: number) =>
    msat > 0 ? [say("tip.unproved", { amount: `${arrow} ${sats(msat)}` })] : [];
  const given = [...sum("↑", givenMsat), ...unproved("↑", unprovedGivenMsat)];
  return [...given, ...sum("↓", receivedMsat), ...unproved("↓", unprovedReceivedMsat)].join(" ");
}
