import type { Closing } from "../../ports/lobby-maintenance.js";
import type { LobbyState } from "./lobby-state.js";
import type { Session } from "./state.js";

/** Closes the first sessions of a network or a person, except some of the last. Returns how many there were. */
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
