import { isStoreAway } from "../core/errors.js";
import { REPORT_KEPT_MS } from "../core/report.js";
import type { Clock } from "../ports/clock.js";
import type { Records } from "../ports/records.js";
import type { Tips } from "../ports/tips.js";

/** How often the records are asked for what need not be kept any longer, in milliseconds. */
const PRUNE_MS = 10 * 60_000;
/** How much is forgotten in one step, so that no step takes long. */
const LIMIT = 500;

/** Lets the records forget in time. Returns how to stop. A store that is away is asked again later. */
export function startPruning(
  records: Records,
  tips: Tips,
  clock: Clock,
  onError: (error: unknown) => void,
): () => void {
  let stopped = false;
  let cancel: (() => void) | undefined;
  const prune = async () => {
    try {
      let more: boolean;
      do {
        const nowMs = clock.nowMs();
        const reportsLeft = await records.prune({ reportsBeforeMs: nowMs - REPORT_KEPT_MS, nowMs, limit: LIMIT });
        more = (await tips.prune(nowMs, LIMIT)) || reportsLeft;
      } while (!stopped && more);
    } catch (error) {
      if (!isStoreAway(error)) onError(error);
    }
    if (!stopped) schedule();
  };
  const schedule = () => {
    cancel = clock.after(PRUNE_MS, () => void prune());
  };
  schedule();
  return () => {
    stopped = true;
    cancel?.();
  };
}
