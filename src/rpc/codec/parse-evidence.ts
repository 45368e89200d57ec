import {
  type AttachEvidenceRequest,
  type CommitChatRequest,
  EvidencePolicy as WirePolicy,
} from "../../../gen/satoshigle/v1/evidence_pb.js";
import type { CommitCommand, PieceCommand } from "../../app/evidence.js";
import type { EvidencePolicy } from "../../core/evidence.js";
import type { MatchId } from "../../core/ids.js";

/** The wire type of each policy. */
export const evidencePolicies = {
  off: WirePolicy.OFF,
  chat: WirePolicy.CHAT,
  chat_and_frames: WirePolicy.CHAT_AND_FRAMES,
} as const satisfies Record<EvidencePolicy, WirePolicy>;

export function parsePiece({ matchId, index, count, data }: AttachEvidenceRequest): PieceCommand {
  return { matchId: matchId as MatchId, index, count, data };
}

export function parseCommitment({ matchId, count, head }: CommitChatRequest): CommitCommand {
  return { matchId: matchId as MatchId, count, head: Buffer.from(head).toString("base64") };
}
