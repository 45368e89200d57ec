import { expect } from "vitest";

/** How long a server may take to end after its streams have ended, as in `src/main.ts`, in milliseconds. */
const STOP_MS = 5_000;

/** Expects a stop timeout that is longer than the server takes. */
export function expectTimeToDrain(stopMs: number, drainTimeoutMs: string | undefined): void {
  expect(stopMs).toBeGreaterThan(Number(drainTimeoutMs) + STOP_MS);
}
