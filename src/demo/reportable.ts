import type { Activity, EndReason } from "@satoshigle/client";

/** How long a partner can be reported after a match. */
const WINDOW_MS = 10 * 60_000;

/** The ID of the match to report: the current one, or the last one if it is recent and not yet reported. */
export function findReportable(
  activity: Activity,
  lastEnd: { matchId: string; reason: EndReason; atMs: number } | null,
  nowMs: number,
): string | null {
  if (activity.phase === "matched") return activity.signaled ? activity.matchId : null;
  if (lastEnd === null || lastEnd.reason === "reported" || lastEnd.reason === "banned") return null;
  return nowMs - lastEnd.atMs < WINDOW_MS ? lastEnd.matchId : null;
}
