import type { NetworkKey, SessionId } from "../../core/ids.js";
import { limits } from "../../core/limits.js";
import { otherRole } from "../../core/match.js";
import type { LobbyState } from "./lobby-state.js";
import type { Session } from "./state.js";

/** Whether a session and another, which may be closed, are kept apart for good. */
export function isApart(realm: LobbyState, session: Session, partnerId: SessionId): boolean {
  const partner = realm.sessions.get(partnerId);
  if (partner !== undefined) return realm.acquaintances.areApart(session, partner);
  return session.avoided?.isForGood(partnerId) ?? false;
}

/** Ends the match of a reporter with the reported session, if any, and keeps the two apart for good. */
export function separate(
  realm: LobbyState,
  reporter: Session,
  { partnerId, partnerKey }: { partnerId: SessionId; partnerKey: NetworkKey },
  nowMs: number,
): void {
  const partner = realm.sessions.get(partnerId);
  const wereApart = isApart(realm, reporter, partnerId);
  const { doing } = reporter;
  if (doing.state === "matched" && doing.match.sides[otherRole(doing.role)].session === partner) {
    realm.end(doing.match, "reported", doing.role, nowMs);
  }
  const contact = { id: partnerId, addressKey: partnerKey };
  realm.acquaintances.avoid(reporter, { contact, session: partner }, Infinity, nowMs);
  if (partner === undefined || wereApart) return;
  partner.reportsReceived++;
  if (partner.reportsReceived >= limits.reportedPartners) realm.close(partner, "expired", nowMs);
}
