import type { SequencedEvent } from "../core/event.js";
import type { MatchMeter } from "../ports/meter.js";
import type { Stream } from "./streams.js";

/**
 * Counts the events that a stream delivers. Events from before a reconnect are counted but not timed, as their time
 * would include the absence. Events interrupted mid-delivery are redelivered, and counted again.
 */
export function recordDelivery(
  meter: MatchMeter,
  stream: Stream,
  events: readonly SequencedEvent[],
  nowMs: number,
  wasMissed: boolean,
): void {
  for (const { event } of events) {
    switch (event.type) {
      case "matched":
        if (event.role === "offerer") meter.began();
        stream.awaitedResponse = undefined;
        if (wasMissed) break;
        meter.matched(nowMs - event.sinceMs);
        if (event.offer === undefined) stream.awaitedResponse = { matchId: event.matchId, sinceMs: nowMs };
        break;
      case "signaled":
        if (!event.described || stream.awaitedResponse?.matchId !== event.matchId) break;
        meter.responded(nowMs - stream.awaitedResponse.sinceMs);
        stream.awaitedResponse = undefined;
        break;
      case "match_ended":
        meter.ended(event.reason);
        stream.awaitedResponse = undefined;
        break;
      case "waiting":
      case "partner_away":
      case "partner_back":
        break;
    }
  }
}
