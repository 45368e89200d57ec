import { REPORTABLE_MS, limits } from "../../core/limits.js";
import { crowdedOut } from "../../core/past-matches.js";
import type { MatchId, SessionId } from "../../core/ids.js";
import type { Contact, PastMatch } from "./state.js";

/** How much room the flags take in a fact. */
const FLAGS = 4;
const [REPORTED, BOTH_HEARD] = [1, 2];

/**
 * The ended matches that a session may still report, in the order in which they ended. One array for each field: an
 * object for each match would take several times the memory, as would arrays that grow, which have room for more. A
 * full array is changed in place.
 */
export class PastMatches {
  #ids: MatchId[] = [];
  /** Each partner's is shared by all who met it. */
  #partners: Contact[] = [];
  #endsMs: number[] = [];
  /** How long each match took, in milliseconds, times `FLAGS`, plus its flags. */
  #facts: number[] = [];

  add(matchId: MatchId, { partner, startMs, endMs, reported, bothHeard }: PastMatch): void {
    const fact = (endMs - startMs) * FLAGS + (reported ? REPORTED : 0) + (bothHeard ? BOTH_HEARD : 0);
    this.#forget(endMs);
    if (this.#ids.length < limits.pastMatches) this.#append(matchId, partner, endMs, fact);
    else this.#replace(crowdedOut(this.#partners, partner), matchId, partner, endMs, fact);
  }

  // Each column is changed by an expression of its own: V8 then stores the numbers without an object for each.

  #append(matchId: MatchId, partner: Contact, endMs: number, fact: number): void {
    this.#ids = [...this.#ids, matchId].slice(); // which drops the room for more
    this.#partners = [...this.#partners, partner].slice();
    this.#endsMs = [...this.#endsMs, endMs].slice();
    this.#facts = [...this.#facts, fact].slice();
  }

  /** Drops the match at an index and adds one at the end. */
  #replace(index: number, matchId: MatchId, partner: Contact, endMs: number, fact: number): void {
    for (let at = index, next = at + 1; at < limits.pastMatches; at = next++) {
      this.#ids[at] = this.#ids[next] ?? matchId;
      this.#partners[at] = this.#partners[next] ?? partner;
      this.#endsMs[at] = this.#endsMs[next] ?? endMs;
      this.#facts[at] = this.#facts[next] ?? fact;
    }
  }

  /** A match, if it may still be reported. */
  find(matchId: MatchId, nowMs: number): PastMatch | undefined {
    const index = this.#ids.indexOf(matchId);
    const endMs = this.#endsMs[index] ?? -Infinity;
    if (nowMs - endMs > REPORTABLE_MS) return undefined;
    const fact = this.#facts[index] ?? 0;
    const startMs = endMs - Math.floor(fact / FLAGS);
    const has = (flag: number) => (fact & flag) !== 0;
    return { partner: this.#partnerAt(index), startMs, endMs, reported: has(REPORTED), bothHeard: has(BOTH_HEARD) };
  }

  /** Marks a match as reported, if it is known. */
  report(matchId: MatchId): void {
    const index = this.#ids.indexOf(matchId);
    const fact = this.#facts[index];
    if (fact !== undefined && (fact & REPORTED) === 0) this.#facts[index] = fact + REPORTED;
  }

  /** The matches with a partner. */
  with(partnerId: SessionId): ReadonlySet<MatchId> {
    return new Set(this.#ids.filter((_, index) => this.#partnerAt(index).id === partnerId));
  }

  #partnerAt(index: number): Contact {
    const partner = this.#partners[index];
    if (partner === undefined) throw new RangeError(`no past match ${String(index)}`);
    return partner;
  }

  /** Drops the matches that may no longer be reported. */
  #forget(nowMs: number): void {
    const current = this.#endsMs.findIndex((ms) => nowMs - ms <= REPORTABLE_MS);
    if (current === 0) return;
    const from = current < 0 ? this.#ids.length : current;
    this.#ids = this.#ids.slice(from);
    this.#partners = this.#partners.slice(from);
    this.#endsMs = this.#endsMs.slice(from);
    this.#facts = this.#facts.slice(from);
  }
}
