import { limits, REPORTABLE_MS } from "../../core/limits.js";
import type { Match, PastMatch, Session } from "./state.js";
import type { MatchId, SessionId } from "../../core/ids.js";

/** Whom a session has met: whom it avoids, and which matches it may still report. Both bounded. */
export class Acquaintances {
  /** Until when two must not meet; undefined when they may, Infinity for never. */
  avoidedUntilMs(a: Session, b: Session, nowMs: number): number | undefined {
    const untilMs = Math.max(a.avoided?.get(b.id) ?? 0, b.avoided?.get(a.id) ?? 0);
    return untilMs > nowMs ? untilMs : undefined;
  }

  /** Two part: they avoid each other for `avoidMs`, and may report each other for a while. */
  part(match: Match, avoidMs: number, reporter: Session | undefined, nowMs: number): void {
    const { offerer, answerer } = match.sides;
    this.avoid(offerer.session, answerer.session, nowMs + avoidMs, nowMs);
    for (const [own, other] of [
      [offerer.session, answerer.session],
      [answerer.session, offerer.session],
    ] as const) {
      const { id: partnerId, addressKey: partnerKey } = other;
      const times = { startMs: match.startMs, endMs: nowMs };
      const [reported, bothHeard] = [own === reporter, match.negotiation.answered];
      remember(own, match.id, { partnerId, partnerKey, ...times, reported, bothHeard }, nowMs);
    }
  }

  /** Keeps two apart; nothing to do when one of them is gone. */
  avoid(a: Session, b: Session | undefined, untilMs: number, nowMs: number): void {
    if (b === undefined) return;
    addAvoided(a, b.id, untilMs, nowMs);
    addAvoided(b, a.id, untilMs, nowMs);
  }

  /** The match as its reporter may still report it. */
  past(session: Session, matchId: MatchId, nowMs: number): PastMatch | undefined {
    const past = session.past?.get(matchId);
    return past !== undefined && nowMs - past.endMs <= REPORTABLE_MS ? past : undefined;
  }
}

function addAvoided(session: Session, partnerId: SessionId, untilMs: number, nowMs: number): void {
  const avoided = (session.avoided ??= new Map<SessionId, number>());
  avoided.delete(partnerId);
  avoided.set(partnerId, untilMs);
  let recent = 0;
  for (const [id, until] of avoided) {
    if (until <= nowMs) avoided.delete(id);
    else if (until !== Infinity) recent++;
  }
  for (const [id, until] of avoided) {
    if (recent <= limits.recentPartners) return;
    if (until !== Infinity && avoided.delete(id)) recent--;
  }
}

function remember(session: Session, matchId: MatchId, past: PastMatch, nowMs: number): void {
  const all = (session.past ??= new Map<MatchId, PastMatch>());
  all.set(matchId, past);
  for (const [id, { endMs }] of all) {
    const outdated = nowMs - endMs > REPORTABLE_MS || all.size > limits.pastMatches;
    if (!outdated) return;
    all.delete(id);
  }
}
