import type { MeasuredProcess } from "./process.js";
import type { RedisMeter } from "./meter.js";

/** The kind of signal. */
export type Kind = "description" | "candidate";

/** Signals that are sent at once. */
export interface Batch {
  kind: Kind;
  count: number;
}

/** A line from a sender on one instance to a receiver on the other. */
export interface Line {
  /** Sends them in order. */
  send(batch: Batch): void;
  /** Called once for each signal that arrived. */
  onArrival: () => void;
}

/** CPU time so far, in microseconds. */
export interface Usage {
  node: number;
  redis: number;
}

/** Two instances with a shared Redis, and clients on both. */
export interface System {
  readonly name: string;
  readonly lines: readonly Line[];
  /** Rejects when a connection or a call fails. */
  readonly failed: Promise<never>;
  /** Called before a measurement. Renews connections that may have been closed. */
  prepare(): Promise<void>;
  usage(): Promise<Usage>;
}

export async function usageOf(processes: readonly MeasuredProcess[], meter: RedisMeter): Promise<Usage> {
  const [redis, ...nodes] = await Promise.all([
    meter.cpuMicroseconds(),
    ...processes.map((one) => one.cpuMicroseconds()),
  ]);
  return { node: nodes.reduce((sum, cpu) => sum + cpu, 0), redis };
}

/** A promise that never resolves, and a function that rejects it. */
export function failure(): { failed: Promise<never>; fail: (error: unknown) => void } {
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined); // its consumers handle the rejection
  return { failed, fail };
}
