import type { MeasuredProcess } from "../redis/process.js";

/** A server with clients that are paired and exchange the messages of a call setup. */
export interface System {
  readonly name: string;
  readonly server: MeasuredProcess;
  /** Concurrent pairs of clients. */
  readonly pairs: number;
  /** Rejects when a connection or a call fails. */
  readonly failed: Promise<never>;
  /** Called before a measurement, as connections may have been closed, and clients may be in a match. */
  prepare(): Promise<void>;
  /** The exchange of one pair, from the search to the end; each pair once per pass. */
  exchange(pass: number, pair: number): Promise<void>;
}

/** How many candidates each side of a call has. */
export const CANDIDATES = 10;
