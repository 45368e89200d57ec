import { setTimeout } from "node:timers/promises";
import { PATIENCE_MS } from "../patience.js";

/** Waits until a condition holds, in tests and in programs. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited too long for ${what}`);
    await setTimeout(5);
  }
}
