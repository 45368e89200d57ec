import { PERSON_KEPT_MS } from "../core/limits.js";
import { AUDIT_KEPT_MS, CASE_KEPT_MS } from "../core/case.js";
import { EVIDENCE_KEPT_MS } from "../core/evidence.js";
import { REPORT_KEPT_MS } from "../core/report.js";
import type { EventRetention } from "../core/event-retention.js";
import type { CaseStore } from "../ports/case-store.js";
import type { Clock } from "../ports/clock.js";
import type { ActionMaintenance } from "../ports/action-store.js";
import type { DepositStore } from "../ports/deposit-store.js";
import type { EvidenceStore } from "../ports/evidence-store.js";
import type { EventLog } from "../ports/event-log.js";
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
  actions: ActionMaintenance;
  cases: Pick<CaseStore, "prune">;
  evidence: Pick<EvidenceStore, "prune">;
  people: PeopleMaintenance;
  tips: TipMaintenance;
  deposits: Pick<DepositStore, "prune">;
  events: EventLog;
}

interface Pruning {
  retention: Pick<EventRetention, "keptMs">;
  clock: Clock;
  onError: (error: unknown) => void;
}

/** Drops old reports, bans, actions, cases, evidence, people, tips, deposits and events periodically. Returns how to stop. */
export function startPruning(
  { records, actions, cases, evidence, people, tips, deposits, events }: PrunedStores,
  { retention, clock, onError }: Pruning,
): () => void {
  const steps = [
    (nowMs: number) => records.prune({ reportsBeforeMs: nowMs - REPORT_KEPT_MS, nowMs, limit: LIMIT }),
    (nowMs: number) => actions.prune({ nowMs, limit: LIMIT }),
    (nowMs: number) =>
      cases.prune({ casesBeforeMs: nowMs - CASE_KEPT_MS, auditBeforeMs: nowMs - AUDIT_KEPT_MS, limit: LIMIT }),
    (nowMs: number) => evidence.prune({ reportsBeforeMs: nowMs - EVIDENCE_KEPT_MS, limit: LIMIT }),
    (nowMs: number) => people.prune({ beforeMs: nowMs - PERSON_KEPT_MS, limit: LIMIT }),
    (nowMs: number) => events.prune({ beforeMs: nowMs - retention.keptMs, limit: LIMIT }),
    (nowMs: number) => tips.prune(nowMs, LIMIT),
    (nowMs: number) => deposits.prune(nowMs, LIMIT),
  ];
  const act = async (isStopped: () => boolean) => {
    for (const step of steps) while (!isStopped() && (await step(clock.nowMs())));
  };
  return runPeriodically(clock, { pauseMs: PRUNE_MS, act, onError });
}
