import { redactEvent } from "../../core/separation.js";
import { crowdedOut } from "../../core/past-matches.js";
import { partyOf, personOf } from "../../core/session-key.js";
import { AVOID_MS, AVOID_REPORTED_MS, limits, REPORTABLE_MS } from "../../core/limits.js";
import type { Match, PastMatch, Session } from "./state.js";
import type { MatchId, NetworkKey, SessionId } from "../../core/ids.js";
import { Blocks } from "./blocks.js";
import { Partings } from "./partings.js";

/** The other side of a meeting; its session may be closed. */
interface Met {
  id: SessionId;
  key: NetworkKey;
  session: Session | undefined;
}

/**
 * The partners of a session: those that it avoids, and the matches that it may still report. Both are bounded. What a
 * person or a browser avoids holds for all its sessions.
 */
export class EncounterHistory {
  readonly blocks = new Blocks();
  /** Partings in which one side at least was a person or a browser. */
  readonly #recent = new Partings(AVOID_MS);
  readonly #reported = new Partings(AVOID_REPORTED_MS);

  /** Until when two sessions must not be paired; undefined if they may be, Infinity if never. */
  avoidedUntilMs(a: Session, b: Session, nowMs: number): number | undefined {
    if (this.areApart(a, b)) return Infinity;
    const untilMs = Math.max(a.recent?.get(b.id) ?? 0, b.recent?.get(a.id) ?? 0, this.#avoidedAsPeopleUntilMs(a, b));
    return untilMs > nowMs ? untilMs : undefined;
  }

  #avoidedAsPeopleUntilMs(a: Session, b: Session): number {
    const [one, other] = [personOf(a.addressKey), personOf(b.addressKey)];
    if (one !== undefined && other !== undefined && (one === other || this.blocks.areBetween(one, other))) {
      return Infinity;
    }
    if (a.party === b.party) return 0; // both unknown, or two tabs of one browser
    const [left, right] = [a.party ?? a.id, b.party ?? b.id];
    return Math.max(this.#recent.untilMs(left, right), this.#reported.untilMs(left, right));
  }

  /** Whether two sessions must never be paired again. */
  areApart(a: Session, b: Session): boolean {
    return (a.apart?.has(b.id) ?? false) || (b.apart?.has(a.id) ?? false);
  }

  /** Records the end of a match: its sides avoid each other for `avoidMs`, and may report the match for a while. */
  part(match: Match, avoidMs: number, reporter: Session | undefined, nowMs: number): void {
    const { offerer, answerer } = match.sides;
    for (const [own, other] of [
      [offerer.session, answerer.session],
      [answerer.session, offerer.session],
    ] as const) {
      const { id: partnerId, addressKey: partnerKey } = other;
      const times = { startMs: match.startMs, endMs: nowMs };
      const [reported, bothHeard] = [own === reporter, match.negotiation.answered];
      remember(own, match.id, { partnerId, partnerKey, ...times, reported, bothHeard }, nowMs);
    }
    const { session } = answerer;
    this.avoid(offerer.session, { id: session.id, key: session.addressKey, session }, nowMs + avoidMs, nowMs);
  }

  /**
   * Keeps two sessions apart, even if one of them is closed. If it is for good, their mailboxes deliver nothing more
   * from the other.
   */
  avoid(a: Session, b: Met, untilMs: number, nowMs: number): void {
    const otherParty = partyOf(b.key);
    const areAlike = a.party === otherParty; // both unknown, or two tabs of one browser, which has others
    if (!areAlike) {
      const partings = untilMs === Infinity ? this.#reported : this.#recent;
      partings.add(a.party ?? a.id, otherParty ?? b.id, nowMs);
    }
    if (areAlike || untilMs === Infinity) {
      addAvoided(a, b.id, untilMs, nowMs);
      if (b.session !== undefined) addAvoided(b.session, a.id, untilMs, nowMs);
    }
    if (untilMs !== Infinity) return;
    redactFrom(a, b.id);
    if (b.session !== undefined) redactFrom(b.session, a.id);
  }

  /** An ended match, if the session may still report it. */
  past(session: Session, matchId: MatchId, nowMs: number): PastMatch | undefined {
    const past = session.past?.get(matchId);
    return past !== undefined && nowMs - past.endMs <= REPORTABLE_MS ? past : undefined;
  }
}

function addAvoided(session: Session, partnerId: SessionId, untilMs: number, nowMs: number): void {
  session.recent?.delete(partnerId);
  if (untilMs === Infinity) (session.apart ??= new Set()).add(partnerId);
  if (untilMs === Infinity || (session.apart?.has(partnerId) ?? false)) return;
  const recent = (session.recent ??= new Map<SessionId, number>());
  recent.set(partnerId, untilMs); // partners are avoided for equally long, so the map is sorted by time
  for (const [id, until] of recent) {
    if (until > nowMs && recent.size <= limits.recentPartners) return;
    recent.delete(id);
  }
}

function remember(session: Session, matchId: MatchId, past: PastMatch, nowMs: number): void {
  const all = (session.past ??= new Map<MatchId, PastMatch>());
  all.set(matchId, past);
  for (const [id, { endMs }] of all) {
    if (nowMs - endMs <= REPORTABLE_MS) break;
    all.delete(id);
  }
  if (all.size <= limits.pastMatches) return;
  const excess = crowdedOut([...all].map(([id, { partnerKey }]) => [id, partnerKey] as const));
  if (excess !== undefined) all.delete(excess);
}

/** Redacts the events of the matches with a partner in a mailbox. */
function redactFrom(session: Session, partnerId: SessionId): void {
  const matchIds = new Set<MatchId>();
  for (const [matchId, past] of session.past ?? []) if (past.partnerId === partnerId) matchIds.add(matchId);
  session.events.replace((event) => ("matchId" in event && matchIds.has(event.matchId) ? redactEvent(event) : event));
}
