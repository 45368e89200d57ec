import { isStoreAway } from "../core/errors.js";
import type { Clock } from "../ports/clock.js";
import type { Lobby } from "../ports/lobby.js";

/** How often the lobby is asked for what is due, in milliseconds; deadlines are kept this exactly. */
const TICK_MS = 250;
/** How much is carried out in one step, so that no step takes long. */
const LIMIT = 1000;

/** Keeps the lobby's deadlines. Returns how to stop. A store that is away is asked again at the next tick. */
export function startReaper(lobby: Lobby, clock: Clock, onError: (error: unknown) => void): () => void {
  let stopped = false;
  let cancel: (() => void) | undefined;
  const sweep = async () => {
    try {
      let nextMs: number | undefined;
      do ({ nextMs } = await lobby.expire({ nowMs: clock.nowMs(), limit: LIMIT }));
      while (!stopped && nextMs !== undefined && nextMs <= clock.nowMs());
    } catch (error) {
      if (!isStoreAway(error)) onError(error);
    }
    if (!stopped) schedule();
  };
  const schedule = () => {
    cancel = clock.after(TICK_MS, () => void sweep());
  };
  schedule();
  return () => {
    stopped = true;
    cancel?.();
  };
}
