import { amount, choice, type Variable } from "./variable.js";

/** The variables about what new sessions cost while many are opened. */
export const challengeVariables = {
  CHALLENGE: {
    ...choice("off", "auto"),
    default: "auto",
    help: "With auto, clients prove work for a new session while very many are opened, up to about a second on a phone; people with an identity token never do. Off for clients that cannot: see docs/security.md",
  },
  CHALLENGE_AFTER_NETWORK: {
    ...amount(0, 1_000_000),
    default: "60",
    help: "New sessions per minute and instance from one network (an IPv4 /24, an IPv6 /64) beyond which the next ones need a proof of work; 0 for all. A /56 may open 4 times as many, its /48 16 times",
  },
  CHALLENGE_AFTER_ALL: {
    ...amount(0, 10_000_000),
    default: "6000",
    help: "New sessions per minute and instance from all networks together beyond which the next ones need a proof of work; 0 for all",
  },
} as const satisfies Record<string, Variable>;
