import { type Commitment, COMMITMENT_KEPT_MS } from "../../core/evidence.js";
import type { MatchId, SessionId } from "../../core/ids.js";
import { limits } from "../../core/limits.js";
import type { CommitmentBook } from "../../ports/commitment-book.js";

/** The commitments of a single process. Beyond the limit, those of the match that committed longest ago are dropped. */
export class MemoryCommitments implements CommitmentBook {
  /** By match; the one with the latest commitment is last. */
  readonly #matches = new Map<MatchId, Map<SessionId, Commitment>>();

  constructor(private readonly maxMatches: number = limits.committedMatches) {}

  keep(matchId: MatchId, sessionId: SessionId, commitment: Commitment): Promise<void> {
    const sides = this.#matches.get(matchId) ?? new Map<SessionId, Commitment>();
    if ((sides.get(sessionId)?.count ?? 0) >= commitment.count) return Promise.resolve();
    this.#matches.delete(matchId);
    this.#matches.set(matchId, sides.set(sessionId, commitment));
    this.#dropOld(commitment.atMs);
    return Promise.resolve();
  }

  of(matchId: MatchId, nowMs: number): Promise<ReadonlyMap<SessionId, Commitment>> {
    const sides = [...(this.#matches.get(matchId) ?? [])];
    return Promise.resolve(new Map(sides.filter(([, { atMs }]) => atMs + COMMITMENT_KEPT_MS > nowMs)));
  }

  #dropOld(nowMs: number): void {
    for (const [matchId, sides] of this.#matches) {
      const latestMs = Math.max(...[...sides.values()].map(({ atMs }) => atMs));
      if (this.#matches.size <= this.maxMatches && latestMs + COMMITMENT_KEPT_MS > nowMs) return;
      this.#matches.delete(matchId);
    }
  }
}
