/**
 * Revisions order stored items independently of their writers' clocks: each is higher than the one before. They follow
 * the time, so that a store that lost the newest does not issue a number twice.
 */
export function nextRevision(last: number, nowMs: number): number {
  return Math.max(last + 1, revisionAt(nowMs));
}

/** The lowest revision of a time; older items have lower ones. */
export function revisionAt(ms: number): number {
  return ms * 1000;
}

/** The time that a revision follows; later than that of its item only after thousands in one millisecond. */
export function msOf(revision: number): number {
  return Math.floor(revision / 1000);
}
