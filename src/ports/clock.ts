/** Time, injected so that tests control it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Calls `run` once after `delayMs`; returns how to cancel it. Does not keep the process alive. */
  after(delayMs: number, run: () => void): () => void;
}
