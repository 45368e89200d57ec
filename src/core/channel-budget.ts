import type { ChannelCost, DayBudget } from "./channel-command.js";

/** How long the budget of a day is kept, for commands whose outcome is stored late, in milliseconds. */
export const KEPT_DAYS_MS = 40 * 24 * 60 * 60_000;

/** The amounts that a booking is checked against. In satoshis. */
interface Allowed {
  opensPerDay: number;
  feesPerDaySat: number;
  reserveSat: number;
  confirmedSat: number;
}

/** What other commands use. `inFlightSat`: what they take from the chain besides the balance read, in satoshis. */
export interface Usage {
  used: DayBudget;
  inFlightSat: number;
}

/** Whether a cost is more than what is left of the budget and above the reserve. What costs nothing never is. */
export function exceeds(cost: ChannelCost, allowed: Allowed, usage: Usage): boolean {
  return exceededRules(cost, allowed, usage).length > 0;
}

export function exceededRules(
  { opens, feeSat, spendSat }: ChannelCost,
  { opensPerDay, feesPerDaySat, reserveSat, confirmedSat }: Allowed,
  { used, inFlightSat }: Usage,
): ("opens_per_day" | "fees_per_day_sat" | "reserve_sat")[] {
  return [
    ...(opens > 0 && used.opens + opens > opensPerDay ? (["opens_per_day"] as const) : []),
    ...(feeSat > 0 && used.feesSat + feeSat > feesPerDaySat ? (["fees_per_day_sat"] as const) : []),
    ...(spendSat > 0 && confirmedSat - inFlightSat - spendSat < reserveSat ? (["reserve_sat"] as const) : []),
  ];
}
