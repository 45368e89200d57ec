import type { MatchId, NetworkKey, SessionId } from "../../core/ids.js";
import { otherRole } from "../../core/match.js";
import type { LobbyState } from "./lobby-state.js";
import type { Session } from "./state.js";

/** Whom a match was with. */
interface Partner {
  partnerId: SessionId;
  /** Their network when the match ended, or now. */
  partnerKey: NetworkKey;
  matchStartMs: number;
  /** Whether an offer of one was answered by the other. */
  bothHeard: boolean;
}

/** Whom a match of the session is or was with; undefined when it was not the session's, or is too long ago. */
export function partnerIn(realm: LobbyState, session: Session, matchId: MatchId, nowMs: number): Partner | undefined {
  const { doing } = session;
  if (doing.state === "matched" && doing.match.id === matchId) {
    const { id: partnerId, addressKey: partnerKey } = doing.match.sides[otherRole(doing.role)].session;
    return { partnerId, partnerKey, matchStartMs: doing.match.startMs, bothHeard: doing.match.negotiation.answered };
  }
  const past = realm.acquaintances.past(session, matchId, nowMs);
  if (past === undefined) return undefined;
  const { partnerId, partnerKey, startMs: matchStartMs, bothHeard } = past;
  return { partnerId, partnerKey, matchStartMs, bothHeard };
}
