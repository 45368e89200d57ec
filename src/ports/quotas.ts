/** Counts what a network or a person may have of something in a while, over all instances that share the store. */
export interface Quotas {
  /**
   * Takes one, if fewer than `most` were taken under that name in the window, which begins with the first. Atomic, and the
   * one verb here that is not idempotent: repeated after a lost answer it takes another.
   */
  take(quota: Quota): Promise<Taking>;
}

export interface Quota {
  /** Whose and of what. Never an address. */
  name: string;
  most: number;
  windowMs: number;
  nowMs: number;
}

export type Taking = { state: "taken" } | { state: "used_up"; retryAfterMs: number };
