import type { Participant, SessionEnd } from "../../core/log-event.js";
import type { MatchId } from "../../core/ids.js";
import type { Cause, Role } from "../../core/match.js";
import { personOf } from "../../core/session-key.js";
import { nextRevision } from "../../core/revision.js";
import type { EventSink } from "../../ports/event-log.js";
import { BTree } from "./btree.js";
import type { Match, Session } from "./state.js";

/** A lobby without a log. */
export const NO_LOG: EventSink = { record: () => undefined };

/** The open sessions and the running matches, in the order in which they began. Records their beginning and end. */
export class Spans {
  readonly sessions = new BTree<number, Session>();
  readonly matches = new BTree<number, Match>();
  readonly #byId = new Map<MatchId, Match>();
  #rank = 0;

  constructor(private readonly log: EventSink) {}

  /** The rank of what begins now: a revision, which follows the time. */
  nextRank(nowMs: number): number {
    this.#rank = nextRevision(this.#rank, nowMs);
    return this.#rank;
  }

  /** A running match. */
  matchWith(id: MatchId): Match | undefined {
    return this.#byId.get(id);
  }

  open(session: Session): void {
    this.sessions.set(session.rank, session);
    this.log.record({ type: "session_opened", session: participant(session) }, session.openedMs);
  }

  close(session: Session, reason: SessionEnd, nowMs: number): void {
    this.sessions.delete(session.rank);
    const durationMs = nowMs - session.openedMs;
    this.log.record({ type: "session_closed", session: participant(session), reason, durationMs }, nowMs);
  }

  begin(match: Match): void {
    this.matches.set(match.rank, match);
    this.#byId.set(match.id, match);
    this.log.record({ type: "match_began", ...about(match) }, match.startMs);
  }

  end(match: Match, reason: Cause, by: Role, nowMs: number): void {
    this.matches.delete(match.rank);
    this.#byId.delete(match.id);
    const initiator = reason === "dismissed" ? "" : by;
    const { answered } = match.negotiation;
    const durationMs = nowMs - match.startMs;
    this.log.record({ type: "match_ended", ...about(match), reason, initiator, answered, durationMs }, nowMs);
  }
}

export function participant({ id, addressKey }: Session): Participant {
  return { sessionId: id, personKey: personOf(addressKey) ?? "" };
}

function about({ id: matchId, sides, relayOnly }: Match) {
  const [offerer, answerer] = [participant(sides.offerer.session), participant(sides.answerer.session)];
  return { matchId, offerer, answerer, relayOnly };
}
