import { DomainError } from "./errors.js";
import { limits } from "./limits.js";

const FIELD = "preferences.price_msat_per_minute";
/** Many wallets create invoices for whole satoshis only. */
const MSAT_PER_SAT = 1_000;

/** What the two sides of a match ask for a minute, from the view of one, in millisatoshis; 0 for nothing. */
export interface MinutePrices {
  ownMsat: number;
  partnerMsat: number;
  /** When the match began, from where its minutes count. */
  startMs: number;
}

/** @throws DomainError `field_invalid` unless a price is one that a tip can pay, or 0 */
export function checkPrice(priceMsat: number): void {
  const isPayable = priceMsat >= limits.minTipMsat && priceMsat <= limits.maxTipMsat;
  if (priceMsat === 0 || (isPayable && priceMsat % MSAT_PER_SAT === 0)) return;
  const range = `${String(limits.minTipMsat)} to ${String(limits.maxTipMsat)}`;
  throw new DomainError("field_invalid", `${FIELD}: must be 0, or whole satoshis from ${range}`, { field: FIELD });
}

/** What a side learns of the prices; undefined if neither side asks for anything. */
export function minutePricesOf(ownMsat: number, partnerMsat: number, startMs: number): MinutePrices | undefined {
  return ownMsat === 0 && partnerMsat === 0 ? undefined : { ownMsat, partnerMsat, startMs };
}
