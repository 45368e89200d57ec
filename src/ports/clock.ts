/** Time, injected so that tests decide it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Calls `run` once after `delayMs`; returns how to cancel. Does not keep the process alive. */
  after(delayMs: number, run: () => void): () => void;
}
