import type { Clock } from "../ports/clock.js";
import type { Lobby } from "../ports/lobby.js";
import { repeat } from "./repeating.js";

/** How often the lobby is asked for what is due, in milliseconds; deadlines are kept this exactly. */
const TICK_MS = 250;
/** How much is carried out in one step, so that no step takes long. */
const LIMIT = 1000;

/** Keeps the lobby's deadlines. Returns how to stop. */
export function startReaper(lobby: Lobby, clock: Clock, onError: (error: unknown) => void): () => void {
  const act = async (isStopped: () => boolean) => {
    let nextMs: number | undefined;
    do ({ nextMs } = await lobby.expire({ nowMs: clock.nowMs(), limit: LIMIT }));
    while (!isStopped() && nextMs !== undefined && nextMs <= clock.nowMs());
  };
  return repeat(clock, { pauseMs: TICK_MS, act, onError });
}
