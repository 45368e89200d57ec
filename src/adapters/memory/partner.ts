import type { MatchId, NetworkKey, SessionId } from "../../core/ids.js";
import { otherRole } from "../../core/match.js";
import type { Realm } from "./realm.js";
import { areBothHeard, type Session } from "./state.js";

/** Whom a match was with. */
interface Partner {
  partnerId: SessionId;
  /** Their network when the match ended, or now. */
  partnerKey: NetworkKey;
  /** Whether both sides had sent something when the match ended, or have by now. */
  bothHeard: boolean;
  matchStartMs: number;
}

/** Whom a match of the session is or was with; undefined when it was not the session's, or is too long ago. */
export function partnerIn(realm: Realm, session: Session, matchId: MatchId, nowMs: number): Partner | undefined {
  const { doing } = session;
  if (doing.state === "matched" && doing.match.id === matchId) {
    const { id: partnerId, addressKey: partnerKey } = doing.match.sides[otherRole(doing.role)].session;
    return { partnerId, partnerKey, bothHeard: areBothHeard(doing.match), matchStartMs: doing.match.startMs };
  }
  const past = realm.acquaintances.past(session, matchId, nowMs);
  if (past === undefined) return undefined;
  const { partnerId, partnerKey, bothHeard, startMs } = past;
  return { partnerId, partnerKey, bothHeard, matchStartMs: startMs };
}
