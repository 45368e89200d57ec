import type { Activity, EndReason } from "@satoshigle/client";

/** How long after a match its partner can still be reported. */
const WINDOW_MS = 10 * 60_000;

/** The match a report would be about: the current one, else the last one while it is fresh and not yet reported. */
export function findReportable(
  activity: Activity,
  lastEnd: { matchId: string; reason: EndReason; atMs: number } | null,
  nowMs: number,
): string | null {
  if (activity.phase === "matched") return activity.signaled ? activity.matchId : null;
  if (lastEnd === null || lastEnd.reason === "reported" || lastEnd.reason === "banned") return null;
  return nowMs - lastEnd.atMs < WINDOW_MS ? lastEnd.matchId : null;
}
