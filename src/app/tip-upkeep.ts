import { expired, type Tip } from "../core/tip.js";
import type { Clock } from "../ports/clock.js";
import type { Lobby } from "../ports/lobby.js";
import type { Tips } from "../ports/tips.js";
import { repeat } from "./repeating.js";
import { tellTip } from "./tipping.js";

/** How often the books are asked for what is due, in milliseconds. */
const TICK_MS = 1_000;
/** After how long a change that was not marked as told is told by the upkeep, in milliseconds. */
const UNTOLD_MS = 5_000;
/** How much is carried out in one step, so that no step takes long. */
const LIMIT = 200;

interface Parts {
  tips: Tips;
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
  const act = async () => {
    await expireTips(parts);
    await tellUntold(parts);
  };
  return repeat(parts.clock, { pauseMs: TICK_MS, act, onError: parts.onError });
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

async function tellUntold(parts: Parts): Promise<void> {
  for (const tip of await parts.tips.untold(parts.clock.nowMs() - UNTOLD_MS, LIMIT)) await tellTip(tip, parts);
}
