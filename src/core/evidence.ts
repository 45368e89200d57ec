import type { Moderator } from "./case.js";
import type { MatchId, SessionId } from "./ids.js";

export const evidencePolicies = ["off", "chat", "chat_and_frames"] as const;
/** What a report may contain: nothing, lines of text chat, or these and pictures of the received video. */
export type EvidencePolicy = (typeof evidencePolicies)[number];

/** Size of a piece in bytes, and how many pieces an evidence has at most: 128 KiB together. */
export const PIECE_BYTES = 16 * 1024;
export const MAX_PIECES = 8;

/** How long after its report evidence can be attached, in milliseconds. */
export const ATTACHABLE_MS = 10 * 60_000;
/** How long after its report evidence is kept, in milliseconds. */
export const EVIDENCE_KEPT_MS = 30 * 24 * 60 * 60_000;
/** How long a commitment is kept after it was made, in milliseconds. */
export const COMMITMENT_KEPT_MS = 2 * 60 * 60_000;

/** The first line of every file that age has encrypted. */
const AGE_HEADER = "age-encryption.org/v1\n";

/** One side's statement about the lines of chat that it has sent in a match. */
export interface Commitment {
  /** How many lines. */
  count: number;
  /** The head of the chain of hashes over them, in base64. */
  head: string;
  atMs: number;
}

/** The commitments of both sides when a report was made. */
export interface Commitments {
  reporter?: Commitment | undefined;
  reported?: Commitment | undefined;
}

/** One piece of what a reporter attaches to its report about a match. */
export interface EvidencePiece {
  reporterId: SessionId;
  matchId: MatchId;
  index: number;
  /** How many pieces there are. */
  count: number;
  data: Uint8Array;
  /** Stored with the first piece that arrives. */
  commitments: Commitments;
  nowMs: number;
}

/** What a moderator gets. It is encrypted. */
export interface Evidence {
  pieces: Uint8Array[];
  commitments: Commitments;
}

/** That a moderator opens the evidence of a report. */
export interface Opening {
  report: number;
  by: Moderator;
  atMs: number;
}

/** Whether a first piece may be that of an encrypted file. */
export function isSealed(piece: Uint8Array): boolean {
  return Buffer.from(piece.subarray(0, AGE_HEADER.length)).toString("latin1") === AGE_HEADER;
}
