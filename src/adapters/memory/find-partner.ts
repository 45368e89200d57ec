import type { MatchId, NetworkKey, SessionId } from "../../core/ids.js";
import { otherRole } from "../../core/match.js";
import type { LobbyState } from "./lobby-state.js";
import type { Session } from "./state.js";

/** The partner of a match. */
interface Partner {
  partnerId: SessionId;
  /** The partner's network when the match ended, or now. */
  partnerKey: NetworkKey;
  matchStartMs: number;
  /** Whether an offer was answered in the match. */
  bothHeard: boolean;
}

/** Finds the partner of a match; undefined if the match was not the session's, or ended too long ago. */
export function partnerIn(realm: LobbyState, session: Session, matchId: MatchId, nowMs: number): Partner | undefined {
  const { doing } = session;
  if (doing.state === "matched" && doing.match.id === matchId) {
    const { id: partnerId, addressKey: partnerKey } = doing.match.sides[otherRole(doing.role)].session;
    return { partnerId, partnerKey, matchStartMs: doing.match.startMs, bothHeard: doing.match.negotiation.answered };
  }
  const past = realm.acquaintances.past(session, matchId, nowMs);
  if (past === undefined) return undefined;
  const { partner, startMs: matchStartMs, bothHeard } = past;
  return { partnerId: partner.id, partnerKey: partner.addressKey, matchStartMs, bothHeard };
}
