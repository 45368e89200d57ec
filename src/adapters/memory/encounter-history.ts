import { redactEvent } from "../../core/separation.js";
import { partyOf, personOf } from "../../core/session-key.js";
import { AVOID_MS, AVOID_REPORTED_MS } from "../../core/limits.js";
import type { Contact, Match, PastMatch, Session } from "./state.js";
import type { MatchId, SessionId } from "../../core/ids.js";
import { Avoided } from "./avoided.js";
import { Blocks } from "./blocks.js";
import { Partings } from "./partings.js";
import { PastMatches } from "./past-matches.js";

/** The other side of a meeting; its session may be closed. */
interface Met {
  contact: Contact;
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
    const untilMs = Math.max(avoidedUntilMs(a, b), avoidedUntilMs(b, a), this.#avoidedAsPeopleUntilMs(a, b));
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
    return (a.avoided?.isForGood(b.id) ?? false) || (b.avoided?.isForGood(a.id) ?? false);
  }

  /** Records the end of a match: its sides avoid each other for `avoidMs`, and may report the match for a while. */
  part(match: Match, avoidMs: number, reporter: Session | undefined, nowMs: number): void {
    const { offerer, answerer } = match.sides;
    for (const [own, other] of [
      [offerer.session, answerer.session],
      [answerer.session, offerer.session],
    ] as const) {
      const times = { startMs: match.startMs, endMs: nowMs };
      const facts = { reported: own === reporter, bothHeard: match.negotiation.answered };
      (own.past ??= new PastMatches()).add(match.id, { partner: contactOf(other), ...times, ...facts });
    }
    const { session } = answerer;
    this.avoid(offerer.session, { contact: contactOf(session), session }, nowMs + avoidMs, nowMs);
  }

  /**
   * Keeps two sessions apart, even if one of them is closed. If it is for good, their mailboxes deliver nothing more
   * from the other.
   */
  avoid(a: Session, { contact, session: b }: Met, untilMs: number, nowMs: number): void {
    const otherParty = partyOf(contact.addressKey);
    const areAlike = a.party === otherParty; // both unknown, or two tabs of one browser, which has others
    if (!areAlike) {
      const partings = untilMs === Infinity ? this.#reported : this.#recent;
      partings.add(a.party ?? a.id, otherParty ?? contact.id, nowMs);
    }
    if (areAlike || untilMs === Infinity) {
      (a.avoided ??= new Avoided()).add(contact.id, untilMs, nowMs);
      if (b !== undefined) (b.avoided ??= new Avoided()).add(a.id, untilMs, nowMs);
    }
    if (untilMs !== Infinity) return;
    redactFrom(a, contact.id);
    if (b !== undefined) redactFrom(b, a.id);
  }

  /** An ended match, if the session may still report it. */
  past(session: Session, matchId: MatchId, nowMs: number): PastMatch | undefined {
    return session.past?.find(matchId, nowMs);
  }

  /** How many pairs of people, browsers or sessions are kept apart in their further sessions. */
  get parted(): number {
    return this.#recent.size + this.#reported.size;
  }

  /** Forgets pairs that may meet again, at most `limit` of each kind. */
  forget(nowMs: number, limit: number): void {
    for (const partings of [this.#recent, this.#reported]) partings.forget(nowMs, limit);
  }
}

function avoidedUntilMs(session: Session, { id }: Session): number {
  return session.avoided?.untilMs(id) ?? 0;
}

/** The same object until the session's network changes, for the histories of all partners. */
function contactOf(session: Session): Contact {
  const { id, addressKey, contact } = session;
  if (contact?.addressKey === addressKey) return contact;
  return (session.contact = { id, addressKey });
}

/** Redacts the events of the matches with a partner in a mailbox. */
function redactFrom(session: Session, partnerId: SessionId): void {
  const matchIds = session.past?.with(partnerId);
  if (matchIds === undefined) return;
  session.events.replace((event) => ("matchId" in event && matchIds.has(event.matchId) ? redactEvent(event) : event));
}
