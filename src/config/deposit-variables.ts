import { amount, choice, type Variable } from "./variable.js";

/** The variables about refundable deposits of newcomers. */
export const depositVariables = {
  DEPOSIT_SATS: {
    ...amount(0, 1_000_000),
    default: "0",
    help: "Refundable deposit of a newcomer before the first match, in satoshis, held by the node of LND_URL for ten minutes at most; 0 for none. People with an identity token pay none: see docs/deposits.md",
  },
  DEPOSIT_WHEN_NODE_AWAY: {
    ...choice("admit", "refuse"),
    default: "admit",
    help: "Whether newcomers are admitted without a deposit, or refused, while the Lightning node does not answer",
  },
} as const satisfies Record<string, Variable>;
