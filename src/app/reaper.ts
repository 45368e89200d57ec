import type { Clock } from "../ports/clock.js";
import type { Lobby } from "../ports/lobby.js";
import { runPeriodically } from "./periodic.js";

/** How often the lobby is asked for what is due, in milliseconds; deadlines are kept this exactly. */
const TICK_MS = 250;
/** How much is carried out in one step, so that no step takes long: each may close a session that waits in 66 pools. */
const LIMIT = 50;

/** Keeps the lobby's deadlines. Returns how to stop. */
export function startReaper(lobby: Lobby, clock: Clock, onError: (error: unknown) => void): () => void {
  const act = async (isStopped: () => boolean) => {
    for (;;) {
      const { nextMs } = await lobby.expire({ nowMs: clock.nowMs(), limit: LIMIT });
      if (isStopped() || nextMs === undefined || nextMs > clock.nowMs()) return;
      await othersTurn(clock); // a lobby in memory answers in the same turn of the event loop
    }
  };
  return runPeriodically(clock, { pauseMs: TICK_MS, act, onError });
}

/** Lets what else is to be done come first. */
function othersTurn(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.after(0, resolve);
  });
}
