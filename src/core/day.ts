const DAY_MS = 24 * 60 * 60_000;

/** The UTC day of a time, such as `2026-01-31`. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** How long the UTC day of a time still lasts, in milliseconds. */
export function remainingDayMs(ms: number): number {
  return DAY_MS - (ms % DAY_MS);
}
