import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import type {
  ChatCommitmentSchema,
  GetEvidenceResponseSchema,
} from "../../../gen/satoshigle/internal/v1/evidence_pb.js";
import {
  type GetEvidencePolicyResponse,
  GetEvidencePolicyResponseSchema,
} from "../../../gen/satoshigle/v1/evidence_pb.js";
import type { EvidenceSettings } from "../../app/evidence.js";
import { type Commitment, type Evidence, EVIDENCE_KEPT_MS, MAX_PIECES, PIECE_BYTES } from "../../core/evidence.js";
import { evidencePolicies } from "./parse-evidence.js";

export function renderPolicy({ policy, recipients }: EvidenceSettings): GetEvidencePolicyResponse {
  return create(GetEvidencePolicyResponseSchema, {
    policy: evidencePolicies[policy],
    recipients: policy === "off" ? [] : [...recipients],
    maxPieceBytes: PIECE_BYTES,
    maxPieces: MAX_PIECES,
    keptFor: durationFromMs(EVIDENCE_KEPT_MS),
  });
}

/** One response for each piece. The first has the commitments. */
export function renderEvidence({
  pieces,
  commitments,
}: Evidence): MessageInitShape<typeof GetEvidenceResponseSchema>[] {
  const { reported, reporter } = commitments;
  return pieces.map((data, index) => ({
    data: Uint8Array.from(data),
    ...(index === 0 && {
      ...(reported && { reportedCommitment: renderCommitment(reported) }),
      ...(reporter && { reporterCommitment: renderCommitment(reporter) }),
    }),
  }));
}

function renderCommitment({ count, head, atMs }: Commitment): MessageInitShape<typeof ChatCommitmentSchema> {
  return { count, head: Uint8Array.from(Buffer.from(head, "base64")), createTime: timestampFromMs(atMs) };
}
