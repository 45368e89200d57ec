import { expect } from "vitest";

/** How long a server may take to end after its streams are gone, as `src/main.ts` has it, in milliseconds. */
const STOP_MS = 5_000;

/** Expects that what stops the server waits for longer than the server takes. */
export function expectTimeToDrain(stopMs: number, drainTimeoutMs: string | undefined): void {
  expect(stopMs).toBeGreaterThan(Number(drainTimeoutMs) + STOP_MS);
}
