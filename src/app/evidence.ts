import type { Moderator } from "../core/case.js";
import { DomainError } from "../core/errors.js";
import {
  type Commitment,
  type Commitments,
  type Evidence as Sealed,
  type EvidencePiece,
  type EvidencePolicy,
  isSealed,
} from "../core/evidence.js";
import type { MatchId, SessionId } from "../core/ids.js";
import { limits } from "../core/limits.js";
import type { Clock } from "../ports/clock.js";
import type { CommitmentBook } from "../ports/commitment-book.js";
import type { EvidenceStore } from "../ports/evidence-store.js";
import type { Partners } from "../ports/partners.js";
import type { Quotas } from "../ports/quotas.js";
import type { Bans } from "./bans.js";
import { type Caller, refuseUnknown, sessionOf } from "./caller.js";

const DAY_MS = 24 * 60 * 60_000;

/** What a report may contain, and the keys that it must be encrypted for. */
export interface EvidenceSettings {
  policy: EvidencePolicy;
  recipients: readonly string[];
}

export type PieceCommand = Pick<EvidencePiece, "matchId" | "index" | "count" | "data">;

export interface CommitCommand {
  matchId: MatchId;
  count: number;
  head: string;
}

interface EvidenceDependencies {
  evidence: EvidenceStore;
  commitments: CommitmentBook;
  lobby: Pick<Partners, "partner">;
  quotas: Quotas;
  bans: Pick<Bans, "hostKeys">;
  clock: Clock;
  settings: EvidenceSettings;
}

/** Takes encrypted evidence from reporters and gives it to moderators. The server has no key to read it with. */
export class Evidence {
  readonly settings: EvidenceSettings;

  constructor(private readonly deps: EvidenceDependencies) {
    this.settings = deps.settings;
  }

  /** @throws DomainError `evidence_off`, `field_invalid`, `match_over`, `evidence_taken`, `limit_reached` */
  async attach(caller: Caller, { matchId, index, count, data }: PieceCommand): Promise<void> {
    const { evidence, clock } = this.deps;
    const reporterId = sessionOf(caller);
    this.#refuseOff();
    if (index >= count) refuseField("index", "must be lower than `count`");
    if (index === 0 && !isSealed(data)) refuseField("data", "must begin with the header of an age file");
    await this.#takeQuota(caller);
    const commitments = await this.#commitmentsOf(matchId, reporterId);
    const piece = { reporterId, matchId, index, count, data, commitments, nowMs: clock.nowMs() };
    const state = await evidence.addPiece(piece);
    if (state === "stored") return;
    if (state === "taken") throw new DomainError("evidence_taken", "this report has other evidence already");
    throw new DomainError("match_over", "this session has not reported this match in the last ten minutes");
  }

  /** @throws DomainError `evidence_off`, `match_over`, `session_unknown` */
  async commit(caller: Caller, { matchId, count, head }: CommitCommand): Promise<void> {
    const { commitments, lobby, clock } = this.deps;
    const sessionId = sessionOf(caller);
    this.#refuseOff();
    const atMs = clock.nowMs();
    const { state } = await lobby.partner({ sessionId, matchId, nowMs: atMs });
    if (state === "unknown") refuseUnknown();
    if (state === "over") throw new DomainError("match_over", "this match is over or not yours");
    await commitments.keep(matchId, sessionId, { count, head, atMs });
  }

  /** Returns which of these reports have evidence. */
  async complete(reports: readonly number[]): Promise<ReadonlySet<number>> {
    return new Set(await this.deps.evidence.complete(reports));
  }

  /** @throws DomainError `report_unknown`, `evidence_unknown` */
  async open(report: number, by: Moderator): Promise<Sealed> {
    const found = await this.deps.evidence.open({ report, by, atMs: this.deps.clock.nowMs() });
    if (found === "unreported") {
      const message = "report_id: there is no such report, or it is no longer kept";
      throw new DomainError("report_unknown", message, { field: "report_id" });
    }
    if (found !== "missing") return found;
    const message = "report_id: this report has no complete evidence, or it is no longer kept";
    throw new DomainError("evidence_unknown", message, { field: "report_id" });
  }

  #refuseOff(): void {
    if (this.settings.policy !== "off") return;
    throw new DomainError("evidence_off", "this server takes no evidence");
  }

  async #takeQuota({ host }: Caller): Promise<void> {
    const { quotas, bans, clock } = this.deps;
    const network = bans.hostKeys(host).at(-1) ?? "";
    const quota = { name: `evidence:${network}`, max: limits.evidencePiecesOfNetwork, windowMs: DAY_MS };
    const taking = await quotas.take({ ...quota, nowMs: clock.nowMs() });
    if (taking.state === "taken") return;
    const message = "this network has attached as much evidence today as it may";
    throw new DomainError("limit_reached", message, { retryAfterMs: taking.retryAfterMs });
  }

  async #commitmentsOf(matchId: MatchId, reporterId: SessionId): Promise<Commitments> {
    const sides = await this.deps.commitments.of(matchId, this.deps.clock.nowMs());
    const found: { reporter?: Commitment; reported?: Commitment } = {};
    for (const [sessionId, commitment] of sides) found[sessionId === reporterId ? "reporter" : "reported"] = commitment;
    return found;
  }
}

function refuseField(field: string, problem: string): never {
  throw new DomainError("field_invalid", `${field}: ${problem}`, { field });
}
