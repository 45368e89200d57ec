import type { Buckets } from "../core/metrics/histogram.js";

/** Measures this process. */
export interface ProcessStats {
  /** CPU time used since the start, in milliseconds. */
  cpuMs(): number;
  /** Resident memory, in bytes. */
  memoryBytes(): number;
  /** The delays of the event loop since the start. */
  loopDelay(): Buckets;
  /** The recent delay of the event loop, in milliseconds. Follows a change within seconds. */
  recentLoopDelayMs(): number;
  /** Stops measuring. */
  close(): void;
}
