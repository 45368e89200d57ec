/** How far the receivers of webhooks are. It is durable, and shared by all instances. Every verb is one atomic step. */
export interface WebhookStore {
  /**
   * Takes or renews the right to send to a receiver, for `leaseMs`, unless another holder has it. Returns how far the
   * receiver is; a new one starts after the last event.
   */
  hold(claim: { receiver: string; holder: string; leaseMs: number }): Promise<Progress | undefined>;
  /** Stores how far a receiver is, and renews the lease. Returns false without effect if another holder has it. */
  save(step: { receiver: string; holder: string; leaseMs: number; progress: Progress }): Promise<boolean>;
  /** Ends a lease, so that another holder need not wait. Has no effect on the lease of another. */
  release(claim: { receiver: string; holder: string }): Promise<void>;
  /** Returns how far receivers are; undefined for one that is not known. Changes nothing. */
  read(receivers: readonly string[]): Promise<(Progress | undefined)[]>;
}

export interface Progress {
  /** The number of the last event that was delivered or passed. */
  number: number;
  /** Consecutive failures to deliver the next event. */
  failures: number;
  /** Since when they fail, and when the next attempt is due; 0 without a failure. */
  failingSinceMs: number;
  nextAttemptMs: number;
  /** The last failure, such as `status 500`; empty without one. */
  problem: string;
  /** When it accepted an event last; missing if it has not accepted any. */
  acceptedMs?: number;
}
