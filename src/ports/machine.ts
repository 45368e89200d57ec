import type { Buckets } from "../core/metrics/histogram.js";

/** What this process takes of its machine. */
export interface Machine {
  /** CPU time used since the start, in milliseconds. */
  cpuMs(): number;
  /** Resident memory, in bytes. */
  memoryBytes(): number;
  /** How much later than due the event loop ran since the start. */
  loopDelay(): Buckets;
  /** Measures no more. */
  close(): void;
}
