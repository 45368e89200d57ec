import { expired, type Tip } from "../core/tip.js";
import type { Clock } from "../ports/clock.js";
import type { Partners } from "../ports/partners.js";
import type { TipLedger, TipMaintenance, TipOutbox } from "../ports/tip-ledger.js";
import { runPeriodically } from "./periodic.js";
import { sendTipEvents, notifySides } from "./tipping.js";

/** How often the ledger is checked, in milliseconds. */
const TICK_MS = 1_000;
/** After how long an unmarked change is sent again, in milliseconds. */
const RESEND_MS = 5_000;
/** How many tips are handled in one step, so that no step takes long. */
const LIMIT = 200;

interface TipUpkeepDependencies {
  tips: Pick<TipLedger, "change"> & TipOutbox & TipMaintenance;
  lobby: Pick<Partners, "append">;
  clock: Clock;
  onChange: (tip: Tip) => void;
  onError: (error: unknown) => void;
}

/**
 * Expires tips, and sends the changes that a failure between ledger and mailboxes left undelivered. Every instance does
 * so for all. Returns how to stop.
 */
export function startTipUpkeep(deps: TipUpkeepDependencies): () => void {
  const sent = new Set<string>();
  const act = async () => {
    await expireTips(deps);
    await sendPending(deps, sent);
  };
  return runPeriodically(deps.clock, { pauseMs: TICK_MS, act, onError: deps.onError });
}

async function expireTips(deps: TipUpkeepDependencies): Promise<void> {
  const nowMs = deps.clock.nowMs();
  for (const tip of await deps.tips.due(nowMs, LIMIT)) {
    const changed = await deps.tips.change(expired(tip, nowMs), tip.number);
    if (changed.state !== "changed") continue; // it changed meanwhile
    deps.onChange(changed.tip);
    await notifySides(changed.tip, deps);
  }
}

/** @param sent changes that were sent but could not be marked, so that a full disk does not resend them every second */
async function sendPending(deps: TipUpkeepDependencies, sent: Set<string>): Promise<void> {
  const pending = await deps.tips.pendingNotifications(deps.clock.nowMs() - RESEND_MS, LIMIT);
  if (pending.length === 0) sent.clear();
  for (const tip of pending) {
    const change = `${tip.id} ${String(tip.number)}`;
    if (!sent.has(change)) await sendTipEvents(tip, deps);
    sent.add(change);
  }
  for (const tip of pending) {
    await deps.tips.markNotified(tip.id, tip.number);
    sent.delete(`${tip.id} ${String(tip.number)}`);
  }
}
