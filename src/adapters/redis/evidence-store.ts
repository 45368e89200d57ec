import {
  ATTACHABLE_MS,
  type Commitments,
  type Evidence,
  type EvidencePiece,
  type Opening,
} from "../../core/evidence.js";
import { limits } from "../../core/limits.js";
import { revisionAt } from "../../core/revision.js";
import type { EvidenceStore } from "../../ports/evidence-store.js";
import type { ScriptRunner } from "./script-runner.js";

/** The evidence of reports in Redis. Durability depends on how its append-only file is configured. */
export class RedisEvidence implements EvidenceStore {
  constructor(private readonly store: ScriptRunner) {}

  async addPiece(
    { reporterId, matchId, index, count, data, commitments, nowMs }: EvidencePiece,
    maxPieces: number = limits.keptEvidencePieces,
  ): ReturnType<EvidenceStore["addPiece"]> {
    const about = [`${reporterId} ${matchId}`, revisionAt(nowMs - ATTACHABLE_MS), index, count];
    const piece = [Buffer.from(data).toString("base64"), JSON.stringify(commitments), maxPieces];
    return (await this.store.run("add_evidence", ...about, ...piece)) as "stored" | "unreported" | "taken";
  }

  async complete(reports: readonly number[]): Promise<number[]> {
    if (reports.length === 0) return [];
    return ((await this.store.run("complete_evidence", ...reports)) as string[]).map(Number);
  }

  async open({ report, by, atMs }: Opening): Promise<Evidence | "unreported" | "missing"> {
    const answer = (await this.store.run("open_evidence", report, by, atMs)) as string[];
    const [state, commitments = "", ...pieces] = answer;
    if (state !== "found") return state as "unreported" | "missing";
    return {
      pieces: pieces.map((piece) => Buffer.from(piece, "base64")),
      commitments: JSON.parse(commitments) as Commitments,
    };
  }

  async prune({ reportsBeforeMs, limit }: { reportsBeforeMs: number; limit: number }): Promise<boolean> {
    return (await this.store.run("prune_evidence", revisionAt(reportsBeforeMs), limit)) === 1;
  }
}
