import { narrowestOf } from "../../core/network-key.js";
import { networkOf } from "../../core/session-key.js";
import type { ListedMatch, ListedSession, Roster } from "../../ports/roster.js";
import type { LobbyState } from "./lobby-state.js";
import { participant } from "./spans.js";
import type { Match, Session } from "./state.js";

/** The roster of a single process. */
export class MemoryRoster implements Roster {
  constructor(private readonly realm: LobbyState) {}

  sessions({ before, limit, addressKey }: Parameters<Roster["sessions"]>[0]): Promise<ListedSession[]> {
    const { spans, networks } = this.realm;
    const found: Session[] = [];
    if (addressKey === undefined) {
      for (const [, session] of spans.sessions.entriesReversed(before, undefined, true)) {
        if (found.push(session) >= limit) break;
      }
    } else {
      // A network has a limited number of sessions.
      const all = [...networks.sessionsOn(addressKey)].filter(({ rank }) => rank < before);
      found.push(...all.sort((a, b) => b.rank - a.rank).slice(0, limit));
    }
    return Promise.resolve(found.map(listSession));
  }

  matches({ before, limit }: Parameters<Roster["matches"]>[0]): Promise<ListedMatch[]> {
    const found: ListedMatch[] = [];
    for (const [, match] of this.realm.spans.matches.entriesReversed(before, undefined, true)) {
      if (found.push(listMatch(match)) >= limit) break;
    }
    return Promise.resolve(found);
  }

  endMatch({ matchId, nowMs }: Parameters<Roster["endMatch"]>[0]): ReturnType<Roster["endMatch"]> {
    const match = this.realm.spans.matchWith(matchId);
    if (match === undefined) return Promise.resolve({ state: "over" });
    this.realm.end(match, "dismissed", "offerer", nowMs);
    return Promise.resolve({ state: "ended" });
  }

  closeSession({ sessionId, nowMs }: Parameters<Roster["closeSession"]>[0]): ReturnType<Roster["closeSession"]> {
    const session = this.realm.sessions.get(sessionId);
    if (session === undefined) return Promise.resolve({ state: "unknown" });
    this.realm.close(session, "removed", nowMs);
    return Promise.resolve({ state: "closed" });
  }
}

function listSession(session: Session): ListedSession {
  const { rank: number, addressKey, doing, attached, openedMs } = session;
  const matchId = doing.state === "matched" ? doing.match.id : undefined;
  const network = narrowestOf(networkOf(addressKey));
  return { number, ...participant(session), network, state: doing.state, matchId, attached, openedMs };
}

function listMatch({ rank: number, id: matchId, sides, relayOnly, negotiation, startMs }: Match): ListedMatch {
  const [offerer, answerer] = [participant(sides.offerer.session), participant(sides.answerer.session)];
  return { number, matchId, offerer, answerer, relayOnly, answered: negotiation.answered, startMs };
}
