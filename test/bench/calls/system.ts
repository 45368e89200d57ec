import type { MeasuredProcess } from "../redis/process.js";

/** A server, and people on it who are paired and tell each other what sets up a call. */
export interface System {
  readonly name: string;
  readonly server: MeasuredProcess;
  /** Pairs of people at a time. */
  readonly pairs: number;
  /** Rejects when a connection or a call fails. */
  readonly failed: Promise<never>;
  /** To be called before a measurement: a pause may have closed connections, people may still be in a match. */
  prepare(): Promise<void>;
  /** What happens between two people from asking for a partner to the end; in every pass each pair once. */
  exchange(pass: number, pair: number): Promise<void>;
}

/** How many candidates each side of a call has. */
export const CANDIDATES = 10;
