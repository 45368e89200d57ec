import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Decrypter, generateIdentity, identityToRecipient } from "age-encryption";
import { ModerationService, type ReportRecord } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import type { EvidenceDocument } from "../../../src/client/moderation/types.js";
import { type ChatCommitment, isAbout } from "../../../src/client/moderation/verify-lines.js";
import { freePort } from "../../support/ports.js";
import { ServerProcess } from "./server-process.js";

/** A server whose reports may contain evidence, and a moderator who has the private key. */
export class EvidenceServer {
  readonly #desk;

  private constructor(
    readonly process: ServerProcess,
    private readonly key: string,
    internalUrl: string,
  ) {
    this.#desk = createClient(ModerationService, createGrpcTransport({ baseUrl: internalUrl }));
  }

  static async start(variables: Record<string, string> = {}): Promise<EvidenceServer> {
    const key = await generateIdentity();
    const INTERNAL_PORT = String(await freePort());
    const started = await ServerProcess.start({
      ...{ EVIDENCE: "chat_and_frames", EVIDENCE_RECIPIENTS: await identityToRecipient(key) },
      ...{ INTERNAL_PORT, ...variables },
    });
    return new EvidenceServer(started, key, `http://127.0.0.1:${INTERNAL_PORT}`);
  }

  /** The latest report. */
  async report(): Promise<ReportRecord> {
    const { reports } = await this.#desk.listReports({ pageSize: 1 });
    const [report] = reports;
    if (!report) throw new Error("there is no report");
    return report;
  }

  /** What the moderator reads of the latest report. */
  async open() {
    const report = await this.report();
    if (!report.hasEvidence) throw new Error("the report has no evidence");
    const pieces: Uint8Array[] = [];
    const commitments: { reported?: ChatCommitment; reporter?: ChatCommitment } = {};
    const headers = { "x-satoshigle-moderator": "ann" };
    for await (const piece of this.#desk.getEvidence({ reportId: report.reportId }, { headers })) {
      pieces.push(piece.data);
      if (piece.reportedCommitment) commitments.reported = piece.reportedCommitment;
      if (piece.reporterCommitment) commitments.reporter = piece.reporterCommitment;
    }
    const decrypter = new Decrypter();
    decrypter.addIdentity(this.key);
    const document = JSON.parse(await decrypter.decrypt(Buffer.concat(pieces), "text")) as EvidenceDocument;
    return { document, commitments, isItsOwn: isAbout(document, report) };
  }
}
