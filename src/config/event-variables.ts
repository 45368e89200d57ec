import { eventRetention } from "../core/event-retention.js";
import { amount, DAY, duration, MINUTE, type Variable } from "./variable.js";

/** The variables about the log of events. */
export const eventVariables = {
  EVENTS_MAX: {
    ...amount(0, 10_000_000),
    default: String(eventRetention.max),
    help: "Events that the log keeps, about 400 bytes each; the oldest are dropped. 0 for no log; the same on every instance",
  },
  EVENTS_RETENTION_MS: {
    ...duration(MINUTE, 400 * DAY),
    default: String(eventRetention.keptMs),
    help: "How long the log keeps an event; checked every ten minutes",
  },
} as const satisfies Record<string, Variable>;
