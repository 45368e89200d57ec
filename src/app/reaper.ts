import { CLOSED_AT_ONCE } from "../core/limits.js";
import type { Clock } from "../ports/clock.js";
import type { LobbyMaintenance } from "../ports/lobby-maintenance.js";
import { runPeriodically } from "./periodic.js";

/** How often the lobby is checked for expired deadlines, in milliseconds; deadlines are this precise. */
const TICK_MS = 250;

/** Enforces the lobby's deadlines. Returns how to stop. */
export function startReaper(lobby: LobbyMaintenance, clock: Clock, onError: (error: unknown) => void): () => void {
  const act = async (isStopped: () => boolean) => {
    for (;;) {
      const { nextMs } = await lobby.expire({ nowMs: clock.nowMs(), limit: CLOSED_AT_ONCE });
      if (isStopped() || nextMs === undefined || nextMs > clock.nowMs()) return;
      await nextTurn(clock); // a lobby in memory answers in the same turn of the event loop
    }
  };
  return runPeriodically(clock, { pauseMs: TICK_MS, act, onError });
}

/** Lets other work of the event loop run first. */
function nextTurn(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.after(0, resolve);
  });
}
