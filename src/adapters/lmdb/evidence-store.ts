import type { RootDatabase } from "lmdb";
import { evidenceAudit } from "../../core/audit.js";
import { ATTACHABLE_MS, type Evidence, type EvidencePiece, type Opening } from "../../core/evidence.js";
import { limits } from "../../core/limits.js";
import { revisionAt } from "../../core/revision.js";
import type { EvidenceStore } from "../../ports/evidence-store.js";
import { AuditShelf } from "./audit-shelf.js";
import { commit } from "./database.js";
import { EvidenceShelf } from "./evidence-shelf.js";
import { ReportShelf } from "./report-shelf.js";

/** The evidence in the file of the reports. */
export class LmdbEvidence implements EvidenceStore {
  readonly #evidence: EvidenceShelf;
  readonly #reports: ReportShelf;
  readonly #audit: AuditShelf;

  constructor(private readonly root: RootDatabase) {
    this.#evidence = new EvidenceShelf(root);
    this.#reports = new ReportShelf(root);
    this.#audit = new AuditShelf(root);
  }

  addPiece(
    piece: EvidencePiece,
    maxPieces: number = limits.keptEvidencePieces,
  ): Promise<"stored" | "unreported" | "taken"> {
    return commit(this.root, () => {
      const number = this.#reports.numberOf(piece);
      if (number === undefined || number < revisionAt(piece.nowMs - ATTACHABLE_MS)) return "unreported";
      const ofCase = this.#reports.get(number)?.case ?? 0;
      return this.#evidence.add(number, ofCase, piece, maxPieces) ? "stored" : "taken";
    });
  }

  complete(reports: readonly number[]): Promise<number[]> {
    return Promise.resolve(reports.filter((report) => this.#evidence.isComplete(report)));
  }

  open({ report, by, atMs }: Opening): Promise<Evidence | "unreported" | "missing"> {
    return commit(this.root, () => {
      if (this.#reports.get(report) === undefined) return "unreported";
      const found = this.#evidence.get(report);
      if (found === undefined) return "missing";
      const { pieces, commitments } = found;
      this.#audit.add(evidenceAudit(report, found.case, by), atMs);
      return { pieces, commitments };
    });
  }

  prune({ reportsBeforeMs, limit }: { reportsBeforeMs: number; limit: number }): Promise<boolean> {
    return commit(this.root, () => this.#evidence.prune(revisionAt(reportsBeforeMs), limit));
  }
}
