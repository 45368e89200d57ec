import type { SequencedEvent } from "../core/event.js";
import type { Epoch, SessionId } from "../core/ids.js";

/**
 * A session's events, in order. The lobby appends them; a stream reads those after the last sequence it wrote. The mailbox
 * is the source of truth; a wake-up is only a hint to read it.
 */
export interface Mailbox {
  /** Returns the events after a sequence, oldest first; empty when there are none yet. Changes nothing. */
  read(position: Position): Mail | Promise<Mail>;

  /**
   * Calls `wake` after every change that a `read` of this session would show: at least once, soon, possibly without a
   * change. Returns how to stop. `wake` must not throw.
   */
  watch(sessionId: SessionId, wake: () => void): () => void;

  /** Drops events appended before `beforeMs`; a stream that still needs one then finds a gap. Idempotent. */
  trim(sessionId: SessionId, beforeMs: number): Promise<void>;
}

/** The position of a stream. */
export interface Position {
  sessionId: SessionId;
  /** The generation of the stream; any but the newest gets `replaced`. */
  generation: number;
  epoch: Epoch;
  afterSequence: number;
}

export type Mail =
  | { state: "events"; events: readonly SequencedEvent[] }
  /** Events after that sequence were dropped, or the epoch has changed: attach again to get a snapshot. */
  | { state: "gap" }
  /** A newer stream took over. */
  | { state: "replaced" }
  /** The session is closed. */
  | { state: "closed"; reason: CloseReason };

/**
 * `superseded`: the person opened further sessions. `removed`: the app or an operator closed the session, or all those of
 * its person.
 */
export type CloseReason = "expired" | "banned" | "superseded" | "removed";
