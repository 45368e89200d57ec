import { otherRole } from "../../core/match.js";
import { personOf } from "../../core/person-key.js";
import type { Blocking, Closing } from "../../ports/lobby-maintenance.js";
import type { LobbyState } from "./lobby-state.js";
import type { Session } from "./state.js";

/** Closes the sessions that came to a network, or of a person, first. Returns how many there were. */
export function closeSessions(realm: LobbyState, { addressKey, reason, keep, nowMs, limit }: Closing): number {
  const all = realm.networks.sessionsOn(addressKey);
  const count = Math.min(limit, all.size - keep);
  const sessions: Session[] = [];
  for (const session of all) {
    if (sessions.length >= count) break;
    sessions.push(session);
  }
  // All are detached first, so that none is paired with a session that loses another of them as its partner.
  for (const session of sessions) {
    session.attached = false;
    if (session.doing.state === "waiting") realm.setAside(session.doing.waiter);
  }
  realm.effort.inStep(() => {
    for (const session of sessions) realm.close(session, reason, nowMs);
  });
  return sessions.length;
}

/** Keeps two people apart from now on, and ends the matches between them. */
export function block(realm: LobbyState, { person, other, nowMs }: Blocking): void {
  const sessions = [...realm.networks.sessionsOn(person)];
  if (sessions.length > 0) realm.acquaintances.blocks.add(person, [other]);
  realm.effort.inStep(() => {
    for (const { doing } of sessions) {
      if (doing.state !== "matched") continue;
      const partner = doing.match.sides[otherRole(doing.role)].session;
      if (personOf(partner.addressKey) === other) realm.end(doing.match, "blocked", doing.role, nowMs);
    }
  });
}
