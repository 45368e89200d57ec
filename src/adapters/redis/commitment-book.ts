import { type Commitment, COMMITMENT_KEPT_MS } from "../../core/evidence.js";
import type { MatchId, SessionId } from "../../core/ids.js";
import type { CommitmentBook } from "../../ports/commitment-book.js";
import { chunk } from "./chunk.js";
import type { ScriptRunner } from "./script-runner.js";

/** Commitments in Redis, which drops them by its own clock. */
export class RedisCommitments implements CommitmentBook {
  constructor(private readonly store: ScriptRunner) {}

  async keep(matchId: MatchId, sessionId: SessionId, commitment: Commitment): Promise<void> {
    const { count } = commitment;
    const args = [matchId, sessionId, count, JSON.stringify(commitment), COMMITMENT_KEPT_MS];
    await this.store.run("keep_commitment", ...args);
  }

  async of(matchId: MatchId, nowMs: number): Promise<ReadonlyMap<SessionId, Commitment>> {
    const sides = chunk((await this.store.run("commitments_of", matchId)) as string[], 2);
    const found = sides.map(([id, side = ""]) => [id as SessionId, JSON.parse(side) as Commitment] as const);
    return new Map(found.filter(([, { atMs }]) => atMs + COMMITMENT_KEPT_MS > nowMs));
  }
}
