import type { Numbered } from "../core/event.js";
import type { Meter } from "../ports/meter.js";
import type { Stream } from "./streams.js";

/**
 * Counts what a stream tells its session. Events that were missed while there was no stream are counted, but not timed:
 * their time would be that of the absence. What broke off in the middle of being told is told, and counted, again.
 */
export function recordDelivery(
  meter: Meter,
  stream: Stream,
  events: readonly Numbered[],
  nowMs: number,
  missed: boolean,
): void {
  for (const { event } of events) {
    switch (event.type) {
      case "matched":
        if (event.role === "offerer") meter.began();
        stream.unheard = undefined;
        if (missed) break;
        meter.matched(nowMs - event.sinceMs);
        if (event.offer === undefined) stream.unheard = { matchId: event.matchId, sinceMs: nowMs };
        break;
      case "signaled":
        if (!event.described || stream.unheard?.matchId !== event.matchId) break;
        meter.heard(nowMs - stream.unheard.sinceMs);
        stream.unheard = undefined;
        break;
      case "match_ended":
        meter.ended(event.reason);
        stream.unheard = undefined;
        break;
      case "waiting":
      case "partner_away":
      case "partner_back":
        break;
    }
  }
}
