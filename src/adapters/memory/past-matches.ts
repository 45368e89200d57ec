import { REPORTABLE_MS, limits } from "../../core/limits.js";
import { crowdedOut } from "../../core/past-matches.js";
import type { MatchId, SessionId } from "../../core/ids.js";
import type { Contact, PastMatch } from "./state.js";

/** How much room the flags take in a fact. */
const FLAGS = 4;
const [REPORTED, BOTH_HEARD] = [1, 2];

/**
 * The ended matches that a session may still report, in the order in which they ended. One array for each field: an
 * object for each match would take several times the memory, as would arrays that grow, which have room for more.
 */
export class PastMatches {
  #ids: readonly MatchId[] = [];
  /** Each partner's is shared by all who met it. */
  #partners: readonly Contact[] = [];
  #endsMs: readonly number[] = [];
  /** How long each match took, in milliseconds, times `FLAGS`, plus its flags. */
  #facts: readonly number[] = [];

  add(matchId: MatchId, { partner, startMs, endMs, reported, bothHeard }: PastMatch): void {
    const fact = (endMs - startMs) * FLAGS + (reported ? REPORTED : 0) + (bothHeard ? BOTH_HEARD : 0);
    this.#ids = [...this.#ids, matchId];
    this.#partners = [...this.#partners, partner];
    this.#endsMs = [...this.#endsMs, endMs];
    this.#facts = [...this.#facts, fact];
    const current = this.#endsMs.findIndex((ms) => endMs - ms <= REPORTABLE_MS);
    if (current > 0) this.#keep((index) => index >= current);
    if (this.#ids.length <= limits.pastMatches) return;
    const excess = crowdedOut(this.#ids.map((id, index) => [id, this.#partnerAt(index).addressKey] as const));
    const left = this.#ids.findIndex((id) => id === excess);
    this.#keep((index) => index !== left);
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
    if (fact !== undefined && (fact & REPORTED) === 0) this.#facts = this.#facts.with(index, fact + REPORTED);
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

  #keep(isKept: (index: number) => boolean): void {
    const kept = <Field>(column: readonly Field[]) => column.filter((_, index) => isKept(index)).slice();
    this.#ids = kept(this.#ids);
    this.#partners = kept(this.#partners);
    this.#endsMs = kept(this.#endsMs);
    this.#facts = kept(this.#facts);
  }
}
