/** How many events the log keeps, and for how long in milliseconds. */
export interface EventRetention {
  /** 0 for no log. */
  max: number;
  keptMs: number;
}

const DAY_MS = 24 * 60 * 60_000;

export const eventRetention: EventRetention = { max: 250_000, keptMs: 7 * DAY_MS };
