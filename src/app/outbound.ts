import type { CloseReason } from "../ports/mailbox.js";
import type { SequencedEvent, Snapshot } from "../core/event.js";
import type { Epoch, SessionId } from "../core/ids.js";
import type { TipView } from "../core/tip.js";

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
      /** The stream's generation. */
      generation: number;
      /** Empty unless the session returned and was not resumed. */
      tips: readonly TipView[];
    }
  | { type: "heartbeat" }
  | { type: "draining"; reconnectAfterMs: number }
  | { type: "session_closed"; reason: CloseReason | "replaced" | "shutting_down"; shouldReconnect: boolean };

export type ClosingEvent = Extract<ControlEvent, { type: "session_closed" }>;

export type StreamMessage = SequencedEvent | { sequence: 0; event: ControlEvent };
