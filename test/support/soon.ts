import { vi } from "vitest";
import { PATIENCE_MS } from "./patience.js";

/** Waits until a condition holds, long enough for a busy machine. */
export function soon<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: PATIENCE_MS, interval: 25 });
}
