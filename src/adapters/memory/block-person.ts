import { otherRole } from "../../core/match.js";
import { personOf } from "../../core/session-key.js";
import type { Blocking } from "../../ports/lobby-maintenance.js";
import type { LobbyState } from "./lobby-state.js";

/** Keeps two people apart from now on, and ends the matches between them. */
export function blockPerson(realm: LobbyState, { person, other, nowMs }: Blocking): void {
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
