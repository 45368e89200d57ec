import type { Participant } from "../../core/log-event.js";
import type { MatchId, NetworkKey, PersonKey, SessionId } from "../../core/ids.js";
import { narrowestOf } from "../../core/network-key.js";
import { networkOf, personOf } from "../../core/session-key.js";
import type { ListedMatch, ListedSession, Roster } from "../../ports/roster.js";
import { chunk } from "./chunk.js";
import type { ScriptRunner } from "./script-runner.js";

/** The roster of a realm, on all its nodes. */
export class RedisRoster implements Roster {
  constructor(private readonly store: ScriptRunner) {}

  async sessions({ before, limit, addressKey }: Parameters<Roster["sessions"]>[0]): Promise<ListedSession[]> {
    const found = (await this.store.run("list_sessions", addressKey ?? "", before, limit)) as string[];
    return chunk(found, 7).map(toSession);
  }

  async matches({ before, limit }: Parameters<Roster["matches"]>[0]): Promise<ListedMatch[]> {
    const found = (await this.store.run("list_matches", before, limit)) as string[];
    return chunk(found, 9).map(toMatch);
  }

  async endMatch({ matchId, nowMs }: Parameters<Roster["endMatch"]>[0]): ReturnType<Roster["endMatch"]> {
    return { state: (await this.store.run("end_match", matchId, nowMs)) as "ended" | "over" };
  }

  async closeSession({ sessionId, nowMs }: Parameters<Roster["closeSession"]>[0]): ReturnType<Roster["closeSession"]> {
    return { state: (await this.store.run("close_session", sessionId, nowMs)) as "closed" | "unknown" };
  }
}

function toSession(row: string[]): ListedSession {
  const [number, sessionId, address, state, matchId, attached, openedMs] = row;
  const key = address as NetworkKey;
  return {
    number: Number(number),
    sessionId: sessionId as SessionId,
    personKey: personOf(key) ?? "",
    network: narrowestOf(networkOf(key)),
    state: state as ListedSession["state"],
    matchId: state === "matched" ? (matchId as MatchId) : undefined,
    attached: attached === "1",
    openedMs: Number(openedMs),
  };
}

function toMatch(row: string[]): ListedMatch {
  const [number, matchId, offererId, offererPerson, answererId, answererPerson, relay, answered, startMs] = row;
  return {
    number: Number(number),
    matchId: matchId as MatchId,
    offerer: toParticipant(offererId, offererPerson),
    answerer: toParticipant(answererId, answererPerson),
    relayOnly: relay === "true",
    answered: answered === "1",
    startMs: Number(startMs),
  };
}

function toParticipant(id: string | undefined, person: string | undefined): Participant {
  return { sessionId: id as SessionId, personKey: person as PersonKey | "" };
}
