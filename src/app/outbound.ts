import type { Numbered, Snapshot } from "../core/event.js";
import type { Epoch, SessionId } from "../core/ids.js";
import type { TipNews } from "../core/tip.js";
import type { Random } from "../ports/random.js";

/** What a stream carries beside the events of the mailbox; never replayed. */
export type ControlEvent =
  | {
      type: "welcome";
      sessionId: SessionId;
      token: string;
      epoch: Epoch;
      resumed: boolean;
      lastSequence: number;
      snapshot: Snapshot;
      /** Of a session that came back and was not resumed. */
      tips: readonly TipNews[];
    }
  | { type: "heartbeat" }
  | { type: "draining"; reconnectAfterMs: number }
  | { type: "session_closed"; reason: "replaced" | "expired" | "banned" | "shutting_down"; shouldReconnect: boolean };

export type ClosingEvent = Extract<ControlEvent, { type: "session_closed" }>;

export type StreamMessage = Numbered | { sequence: 0; event: ControlEvent };

/** After how long a store that was away is asked again, in milliseconds. */
const STORE_RETRY_MS = 500;

/** When to ask the store again: not all streams at once. */
export function storeRetryMs(chance: Random): number {
  return STORE_RETRY_MS * (0.5 + chance.float());
}
