import { vi } from "vitest";

/** Waits until something holds; long enough for a machine that has much else to do. */
export function soon<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 60_000, interval: 25 });
}
