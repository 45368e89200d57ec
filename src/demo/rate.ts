import { formatNumber } from "./say.js";

/** What the app says a bitcoin is worth. It sets `window.satoshigleRate` before or after the page starts. */
export interface Rate {
  /** The currency (ISO 4217), such as `EUR`. */
  currency: string;
  /** Units of the currency for one bitcoin. */
  perBitcoin: number;
}

const MSAT_PER_BITCOIN = 1e11;
/** Two significant digits say enough of a small amount. */
const SMALL = 0.1;

/** Formats what an amount is worth; undefined without a rate that can be used. */
export function worth(
  amountMsat: number,
  rate = (globalThis as { satoshigleRate?: Rate }).satoshigleRate,
): string | undefined {
  if (rate === undefined || !Number.isFinite(rate.perBitcoin) || rate.perBitcoin <= 0) return undefined;
  const value = (amountMsat / MSAT_PER_BITCOIN) * rate.perBitcoin;
  const digits = value < SMALL ? { maximumSignificantDigits: 2 } : {};
  try {
    return formatNumber(value, { style: "currency", currency: rate.currency, ...digits });
  } catch {
    return undefined; // not a currency
  }
}
