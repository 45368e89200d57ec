import type { ErrorCode, SatoshigleError } from "@satoshigle/client";
import type { Ban } from "@satoshigle/client/appeals";
import { formatTime, type Key, say, sentences } from "./say.js";

/** An action that the user can take about a problem. */
export type Remedy = "start" | "use_here" | "next" | "ask_again" | "microphone_only" | "text_only";

/** A problem as shown to the user. */
export interface Problem {
  title: string;
  text: string;
  remedies: Remedy[];
  /** When to try again; shown as a countdown. */
  untilMs?: number;
}

export type MediaFailure =
  "insecure" | "denied" | "denied_by_system" | "missing" | "no_camera" | "in_use" | "unplugged" | "other";

/** The actions offered for an error. After some of the other errors, the page retries automatically. */
const remediesOf: Partial<Record<ErrorCode, readonly Remedy[]>> = {
  replaced: ["use_here"],
  superseded: ["use_here"],
  already_connected: ["start"],
  removed: ["start"],
  call_failed: ["next"],
  safety_code_refused: ["next"],
  deposit_required: ["start"],
  deposit_failed: ["start"],
  internal: ["start"],
};

export function explainError(error: SatoshigleError, nowMs: number): Problem {
  const { code } = error;
  if (error.problem === "no_tips") {
    return { title: say("error.tips_off.title"), text: say("error.no_tips.text"), remedies: [] };
  }
  const remedies = [...(remediesOf[code] ?? [])];
  const problem: Problem = { title: say(`error.${code}.title`), text: say(`error.${code}.text`), remedies };
  if (code === "invalid") problem.text = explainField(error.field);
  if (code === "banned") return explainBanned(problem, error);
  if (error.retryAfterMs !== undefined) problem.untilMs = nowMs + error.retryAfterMs;
  return problem;
}

/** A ban about which the server says no more. */
function explainBanned(problem: Problem, { expiresAtMs }: SatoshigleError): Problem {
  if (expiresAtMs === undefined) return problem;
  return { ...problem, text: say("error.banned.until", { date: formatEnd(expiresAtMs) }) };
}

/** What is banned, and until when. */
export function explainBan({ scope, untilMs }: Ban): Problem {
  const end = untilMs === undefined ? "" : say("ban.until", { date: formatEnd(untilMs) });
  return { title: say("error.banned.title"), text: sentences(say(`ban.${scope}`), end), remedies: [] };
}

/** A ban may last for days, so it shows a date instead of a countdown. */
function formatEnd(untilMs: number): string {
  return formatTime(untilMs, { dateStyle: "medium", timeStyle: "short" });
}

/** Parts of the names of fields that the server or the client refused, each with its sentence. */
const fields: readonly (readonly [part: string, sentence: Key])[] = [
  ["interests", "field.interests"],
  ["languages", "field.languages"],
  ["relay", "field.relay"],
  ["invoice", "field.invoice"],
  ["preimage", "field.preimage"],
  ["tip_id", "field.tip"],
  ["comment", "field.comment"],
  ["text", "field.comment"],
  ["msat", "field.amount"],
];

function explainField(field = ""): string {
  const name = field.toLowerCase();
  return say(fields.find(([part]) => name.includes(part))?.[1] ?? "error.invalid.text");
}

const mediaRemedies: Record<MediaFailure, readonly Remedy[]> = {
  insecure: ["text_only"],
  denied: ["ask_again", "text_only"],
  denied_by_system: ["ask_again", "text_only"],
  missing: ["ask_again", "text_only"],
  no_camera: ["ask_again", "microphone_only", "text_only"],
  in_use: ["ask_again", "microphone_only", "text_only"],
  unplugged: ["ask_again"],
  other: ["ask_again", "microphone_only", "text_only"],
};

export function explainMedia(failure: MediaFailure): Problem {
  const remedies = [...mediaRemedies[failure]];
  return { title: say(`media.${failure}.title`), text: say(`media.${failure}.text`), remedies };
}

/** Classifies an error of `getUserMedia`. `cameras` and `microphones` are the numbers of devices listed. */
export function classifyMediaError(error: unknown, cameras: number, microphones: number): MediaFailure {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError") return /system/i.test(String(error)) ? "denied_by_system" : "denied";
  if (name === "SecurityError") return "denied";
  if (name === "NotReadableError" || name === "AbortError") return "in_use";
  if (name === "NotFoundError" || name === "OverconstrainedError") {
    return cameras === 0 && microphones > 0 ? "no_camera" : "missing";
  }
  return "other";
}
