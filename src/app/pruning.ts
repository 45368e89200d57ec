import { REPORT_KEPT_MS } from "../core/report.js";
import type { EventRetention } from "../core/event-retention.js";
import type { Clock } from "../ports/clock.js";
import type { EventLog } from "../ports/event-log.js";
import type { ModerationMaintenance } from "../ports/moderation-store.js";
import type { TipMaintenance } from "../ports/tip-ledger.js";
import { runPeriodically } from "./periodic.js";

/** How often the stores are pruned, in milliseconds. */
const PRUNE_MS = 10 * 60_000;
/** How many items are dropped in one step, so that no step takes long. */
const LIMIT = 500;

interface PruningDependencies {
  records: ModerationMaintenance;
  tips: TipMaintenance;
  events: EventLog;
  retention: Pick<EventRetention, "keptMs">;
  clock: Clock;
  onError: (error: unknown) => void;
}

/** Drops old reports, bans, tips and events periodically. Returns how to stop. */
export function startPruning({ records, tips, events, retention, clock, onError }: PruningDependencies): () => void {
  const act = async (isStopped: () => boolean) => {
    let more: boolean;
    do {
      const nowMs = clock.nowMs();
      const reportsLeft = await records.prune({ reportsBeforeMs: nowMs - REPORT_KEPT_MS, nowMs, limit: LIMIT });
      const eventsLeft = await events.prune({ beforeMs: nowMs - retention.keptMs, limit: LIMIT });
      more = (await tips.prune(nowMs, LIMIT)) || reportsLeft || eventsLeft;
    } while (!isStopped() && more);
  };
  return runPeriodically(clock, { pauseMs: PRUNE_MS, act, onError });
}
