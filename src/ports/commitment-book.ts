import type { Commitment } from "../core/evidence.js";
import type { MatchId, SessionId } from "../core/ids.js";

/** The latest commitment of each side of a match, for `COMMITMENT_KEPT_MS` after it was made. A restart may lose them. */
export interface CommitmentBook {
  /** Keeps a commitment, unless one about as many lines or more is kept. */
  keep(matchId: MatchId, sessionId: SessionId, commitment: Commitment): Promise<void>;
  /** Returns those of a match by session. */
  of(matchId: MatchId, nowMs: number): Promise<ReadonlyMap<SessionId, Commitment>>;
}
