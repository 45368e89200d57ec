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

/** What the person wants to attach of a preview: nothing else is, whatever was said and seen since. */
export interface EvidenceChoice {
  /** All lines of the preview, or none: without its neighbors a line cannot be proved. */
  lines: readonly EvidenceLine[];
  frames: readonly EvidenceFrame[];
}

/** What this server lets a report contain. */
export type EvidencePolicy = "off" | "chat" | "chat_and_frames";

/** Moderators have decided on a report that this person or browser made, in this session or in an earlier one. */
export interface ReportNotice {
  kind: "report";
  reportId: string;
  /** Whether the report led to something. What that was is not said. */
  actedOn: boolean;
  /** When the report was made (`Date.now()` milliseconds). */
  reportedAtMs: number;
}

/** A moderator warns this person. It comes again in each session until `seen`, which tells moderators that it was read. */
export interface WarningNotice {
  kind: "warning";
  actionId: string;
  /** What the moderator says about it; may be empty. */
  statement: string;
  /** When the moderator warned (`Date.now()` milliseconds). */
  warnedAtMs: number;
}

/** Something that moderators tell this person. There will be further kinds: ignore those that you do not know. */
export type Notice = ReportNotice | WarningNotice;
