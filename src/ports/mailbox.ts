import type { Numbered } from "../core/event.js";
import type { Epoch, SessionId } from "../core/ids.js";

/**
 * A session's events, in order, until they are read. The lobby appends; a stream reads after the sequence it wrote last.
 * The mailbox is the truth, a wake-up only a hint to read it.
 */
export interface Mailbox {
  /** The events after a sequence, oldest first, as many as there are; empty when there are none yet. Changes nothing. */
  read(position: Position): Mail | Promise<Mail>;

  /**
   * Calls `wake` after anything that a `read` of this session would answer differently: at least once, soon, possibly
   * for nothing. Returns how to stop. `wake` must not throw.
   */
  watch(sessionId: SessionId, wake: () => void): () => void;

  /** Forgets events appended before `beforeMs`; what a stream still needed is then a gap to it. Idempotent. */
  trim(sessionId: SessionId, beforeMs: number): Promise<void>;
}

/** Where a stream stands. */
export interface Position {
  sessionId: SessionId;
  /** Which stream asks; an older one than the newest gets `replaced`. */
  generation: number;
  epoch: Epoch;
  afterSequence: number;
}

export type Mail =
  | { state: "events"; events: readonly Numbered[] }
  /** Events after that sequence were dropped, or the epoch is another: attach again for a snapshot. */
  | { state: "gap" }
  /** A newer stream took over. */
  | { state: "replaced" }
  /** The session is over. */
  | { state: "closed"; reason: CloseReason };

export type CloseReason = "expired" | "banned";
