/** Counts what a network or a session uses within a window, across all instances that share the store. */
export interface Quotas {
  /**
   * Takes one unit if fewer than `max` were taken under the name in the window, which begins with the first. Atomic, but
   * not idempotent: a retry after a lost answer takes another.
   */
  take(quota: Quota): Promise<Taking>;
}

export interface Quota {
  /** The owner and the resource. Never an address. */
  name: string;
  max: number;
  windowMs: number;
  nowMs: number;
}

export type Taking = { state: "taken" } | { state: "used_up"; retryAfterMs: number };
