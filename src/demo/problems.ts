import type { ErrorCode, SatoshigleError } from "@satoshigle/client";

/** What the person can do about a problem. */
export type Remedy = "start" | "use_here" | "next" | "ask_again" | "microphone_only" | "text_only";

/** Something that went wrong, in words, with ways out. */
export interface Problem {
  title: string;
  text: string;
  remedies: Remedy[];
  /** When trying again makes sense; drawn as a running clock. */
  untilMs?: number;
}

/** What can keep camera and microphone from working. */
export type MediaFailure =
  "insecure" | "denied" | "denied_by_system" | "missing" | "no_camera" | "in_use" | "unplugged" | "other";

export const remedyNames = {
  start: "Start again",
  use_here: "Use it here",
  next: "Next",
  ask_again: "Try again",
  microphone_only: "Go on with sound only",
  text_only: "Go on with text only",
} as const satisfies Record<Remedy, string>;

const failures = {
  server_unreachable: {
    title: "The server is away",
    text: "It cannot be reached right now. The page keeps trying by itself.",
    remedies: [],
  },
  stream_blocked: {
    title: "Too many tabs",
    text: "This page is open in several tabs, and the browser allows no further connection. Close another one, and this one goes on by itself.",
    remedies: [],
  },
  limit_reached: {
    title: "A little too fast",
    text: "You have reached a limit that keeps the place fair for everyone.",
    remedies: [],
  },
  banned: {
    title: "You cannot chat for now",
    text: "Too many people reported your network, or a moderator closed it. If you think that is a mistake, come back later.",
    remedies: [],
  },
  replaced: {
    title: "Open in another tab",
    text: "Your chat moved to another tab or window of this browser.",
    remedies: ["use_here"],
  },
  invalid: { title: "That was not accepted", text: "The server did not accept what was asked.", remedies: [] },
  match_over: { title: "That chat is over", text: "The person has already gone.", remedies: [] },
  origin_denied: {
    title: "This address is not allowed",
    text: "The server accepts calls from its own pages only. Open the page at the server's own address.",
    remedies: [],
  },
  call_failed: {
    title: "The call did not come about",
    text: "Your two networks found no way to each other. That happens on strict networks; the next person may well work.",
    remedies: ["next"],
  },
  tips_off: { title: "No tips here", text: "This server carries no tips.", remedies: [] },
  tip_over: { title: "Too late for that", text: "The tip is over, or may be paid already.", remedies: [] },
  no_wallet: { title: "No wallet", text: "Choose a wallet in the settings first.", remedies: [] },
  wallet_failed: { title: "The wallet did not do it", text: "Look into the wallet and try again.", remedies: [] },
  internal: { title: "Something went wrong", text: "That was not your doing. Please try again.", remedies: ["start"] },
} as const satisfies Record<ErrorCode, { title: string; text: string; remedies: readonly Remedy[] }>;

/** What the client reported, in friendly words. */
export function explainError(error: SatoshigleError, nowMs: number): Problem {
  const { title, text, remedies } = failures[error.code];
  const problem: Problem = { title, text, remedies: [...remedies] };
  if (error.code === "invalid") problem.text = explainField(error);
  if (error.code === "banned") return explainBan(problem, error);
  if (error.retryAfterMs !== undefined) problem.untilMs = nowMs + error.retryAfterMs;
  return problem;
}

/** A ban may last for days: it has a date, and no countdown. */
function explainBan(problem: Problem, { expiresAtMs }: SatoshigleError): Problem {
  if (expiresAtMs === undefined) return problem;
  const date = new Date(expiresAtMs).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  return {
    ...problem,
    text: `Too many people reported your network, or a moderator closed it. You can come back after ${date}.`,
  };
}

function explainField(error: SatoshigleError): string {
  if (error.field?.includes("interests"))
    return "One of your interests was not accepted. Please change it and start again.";
  if (error.field?.includes("languages"))
    return "One of your languages was not accepted. Please change it and start again.";
  if (error.field?.includes("relay")) return "This server cannot hide your IP address. Switch that off to go on.";
  return error.message || failures.invalid.text;
}

const mediaFailures = {
  insecure: {
    title: "Camera and microphone need a safe address",
    text: "Browsers allow them only on https pages or on localhost. Open this page that way, or go on with text.",
    remedies: ["text_only"],
  },
  denied: {
    title: "Camera and microphone are blocked",
    text: "Press the icon beside the page's address, allow camera and microphone, then try again.",
    remedies: ["ask_again", "text_only"],
  },
  denied_by_system: {
    title: "Your device blocks camera and microphone",
    text: "Open the system settings, look for privacy, allow them for this browser, then try again.",
    remedies: ["ask_again", "text_only"],
  },
  missing: {
    title: "No camera or microphone found",
    text: "Plug one in and try again, or go on with text.",
    remedies: ["ask_again", "text_only"],
  },
  no_camera: {
    title: "No camera found",
    text: "Plug one in and try again. Others can hear you without it, too.",
    remedies: ["ask_again", "microphone_only", "text_only"],
  },
  in_use: {
    title: "Camera or microphone is in use",
    text: "Another program holds it. Close that program, then try again.",
    remedies: ["ask_again", "microphone_only", "text_only"],
  },
  unplugged: {
    title: "A device was unplugged",
    text: "Your partner no longer gets your picture or sound from it. Plug it in again or choose another one.",
    remedies: ["ask_again"],
  },
  other: {
    title: "Camera and microphone did not start",
    text: "The browser gave no reason. Try again, or go on without a picture.",
    remedies: ["ask_again", "microphone_only", "text_only"],
  },
} as const satisfies Record<MediaFailure, { title: string; text: string; remedies: readonly Remedy[] }>;

/** Why camera and microphone do not work, and what helps. */
export function explainMedia(failure: MediaFailure): Problem {
  const { title, text, remedies } = mediaFailures[failure];
  return { title, text, remedies: [...remedies] };
}

/** What a failed `getUserMedia` means. `cameras` and `microphones` are how many the browser lists. */
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
