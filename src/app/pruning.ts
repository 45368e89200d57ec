import { REPORT_KEPT_MS } from "../core/report.js";
import type { Clock } from "../ports/clock.js";
import type { ModerationMaintenance } from "../ports/moderation-store.js";
import type { TipMaintenance } from "../ports/tip-ledger.js";
import { runPeriodically } from "./periodic.js";

/** How often the stores are pruned, in milliseconds. */
const PRUNE_MS = 10 * 60_000;
/** How many items are dropped in one step, so that no step takes long. */
const LIMIT = 500;

/** Drops old reports, bans and tips periodically. Returns how to stop. */
export function startPruning(
  records: ModerationMaintenance,
  tips: TipMaintenance,
  clock: Clock,
  onError: (error: unknown) => void,
): () => void {
  const act = async (isStopped: () => boolean) => {
    let more: boolean;
    do {
      const nowMs = clock.nowMs();
      const reportsLeft = await records.prune({ reportsBeforeMs: nowMs - REPORT_KEPT_MS, nowMs, limit: LIMIT });
      more = (await tips.prune(nowMs, LIMIT)) || reportsLeft;
    } while (!isStopped() && more);
  };
  return runPeriodically(clock, { pauseMs: PRUNE_MS, act, onError });
}
