import { PERSON_KEPT_MS } from "../core/limits.js";
import { REPORT_KEPT_MS } from "../core/report.js";
import type { Clock } from "../ports/clock.js";
import type { ModerationMaintenance } from "../ports/moderation-store.js";
import type { PeopleMaintenance } from "../ports/people-store.js";
import type { TipMaintenance } from "../ports/tip-ledger.js";
import { runPeriodically } from "./periodic.js";

/** How often the stores are pruned, in milliseconds. */
const PRUNE_MS = 10 * 60_000;
/** How many items are dropped in one step, so that no step takes long. */
const LIMIT = 500;

interface PrunedStores {
  records: ModerationMaintenance;
  people: PeopleMaintenance;
  tips: TipMaintenance;
}

/** Drops old reports, bans, people and tips periodically. Returns how to stop. */
export function startPruning(
  { records, people, tips }: PrunedStores,
  clock: Clock,
  onError: (error: unknown) => void,
): () => void {
  const steps = [
    (nowMs: number) => records.prune({ reportsBeforeMs: nowMs - REPORT_KEPT_MS, nowMs, limit: LIMIT }),
    (nowMs: number) => people.prune({ beforeMs: nowMs - PERSON_KEPT_MS, limit: LIMIT }),
    (nowMs: number) => tips.prune(nowMs, LIMIT),
  ];
  const act = async (isStopped: () => boolean) => {
    for (const step of steps) while (!isStopped() && (await step(clock.nowMs())));
  };
  return runPeriodically(clock, { pauseMs: PRUNE_MS, act, onError });
}
