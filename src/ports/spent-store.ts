/** Remembers the IDs of used solutions until they expire, across all instances that share the store. */
export interface SpentStore {
  /**
   * Uses an ID up. Atomic: of concurrent calls with the same ID, one gets `fresh`. Not idempotent: a retry after a lost
   * answer gets `spent`. Forgets IDs that have expired, and refuses new ones beyond a limit rather than forget one.
   */
  spend(spending: Spending): Promise<"fresh" | "spent" | "full">;
}

export interface Spending {
  id: string;
  expiresMs: number;
  nowMs: number;
  /** Maximum IDs that are remembered; `limits.spentSolutions` by default. */
  max?: number;
}
