/** A line of text chat in evidence. */
export interface EvidenceLine {
  from: "me" | "partner";
  text: string;
  atMs: number;
  /** The number of the line among those of its side, from 1; 0 if lines before it are missing. */
  number: number;
  /** The head of the chain of its side before the line, in base64; empty if lines before it are missing. */
  previous: string;
}

/** A small picture of the received video. */
export interface EvidenceFrame {
  atMs: number;
  /** JPEG in base64. */
  jpeg: string;
}

/** What a reporter attaches to a report. It is encrypted as JSON. */
export interface EvidenceDocument {
  version: 1;
  /** The match and the session of the reporter, which the report must be about. */
  matchId: string;
  reporterId: string;
  createdMs: number;
  lines: readonly EvidenceLine[];
  frames: readonly EvidenceFrame[];
}

/** What would be attached to a report. */
export type EvidencePreview = Pick<EvidenceDocument, "lines" | "frames">;

/** What the person wants to attach. */
export interface EvidenceChoice {
  /** Whether to attach the lines of text chat. */
  chat: boolean;
  /** The frames of the preview to attach. */
  frames: readonly EvidenceFrame[];
}

/** What this server lets a report contain. */
export type EvidencePolicy = "off" | "chat" | "chat_and_frames";
