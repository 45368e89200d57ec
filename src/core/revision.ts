/**
 * Numbers order what is kept, whatever the clocks of its writers say: each is above the one before. They follow the time,
 * so that a store that lost the newest does not give a number twice.
 */
export function nextRevision(last: number, nowMs: number): number {
  return Math.max(last + 1, revisionAt(nowMs));
}

/** What is older has a lower number. */
export function revisionAt(ms: number): number {
  return ms * 1000;
}
