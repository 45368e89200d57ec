import { expired, type Tip } from "../core/tip.js";
import type { Clock } from "../ports/clock.js";
import type { Lobby } from "../ports/lobby.js";
import type { TipLedger } from "../ports/tip-ledger.js";
import { runPeriodically } from "./periodic.js";
import { newsOfTip, tellTip } from "./tipping.js";

/** How often the books are asked for what is due, in milliseconds. */
const TICK_MS = 1_000;
/** After how long a change that was not marked as told is told by the upkeep, in milliseconds. */
const UNTOLD_MS = 5_000;
/** How much is carried out in one step, so that no step takes long. */
const LIMIT = 200;

interface Parts {
  tips: TipLedger;
  lobby: Lobby;
  clock: Clock;
  onChange: (tip: Tip) => void;
  onError: (error: unknown) => void;
}

/**
 * Lets tips expire in time, and tells what was left untold when a process or a store failed between the books and the
 * mailboxes. Any instance does so for all. Returns how to stop.
 */
export function startTipUpkeep(parts: Parts): () => void {
  const told = new Set<string>();
  const act = async () => {
    await expireTips(parts);
    await tellUntold(parts, told);
  };
  return runPeriodically(parts.clock, { pauseMs: TICK_MS, act, onError: parts.onError });
}

async function expireTips(parts: Parts): Promise<void> {
  const nowMs = parts.clock.nowMs();
  for (const tip of await parts.tips.due(nowMs, LIMIT)) {
    const changed = await parts.tips.change(expired(tip, nowMs), tip.number);
    if (changed.state !== "changed") continue; // something else came first
    parts.onChange(changed.tip);
    await tellTip(changed.tip, parts);
  }
}

/** @param told changes that were told and could not be marked as such: a full disk must not let them be told each second */
async function tellUntold(parts: Parts, told: Set<string>): Promise<void> {
  const untold = await parts.tips.pendingNotifications(parts.clock.nowMs() - UNTOLD_MS, LIMIT);
  if (untold.length === 0) told.clear();
  for (const tip of untold) {
    const change = `${tip.id} ${String(tip.number)}`;
    if (!told.has(change)) await newsOfTip(tip, parts);
    told.add(change);
  }
  for (const tip of untold) {
    await parts.tips.markNotified(tip.id, tip.number);
    told.delete(`${tip.id} ${String(tip.number)}`);
  }
}
