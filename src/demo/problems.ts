import type { ErrorCode, SatoshigleError } from "@satoshigle/client";

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

export const remedyNames = {
  start: "Start again",
  use_here: "Use this tab",
  next: "Next",
  ask_again: "Try again",
  microphone_only: "Continue with sound only",
  text_only: "Continue with text only",
} as const satisfies Record<Remedy, string>;

const failures = {
  server_unreachable: {
    title: "Can't reach the server",
    text: "This page keeps trying automatically.",
    remedies: [],
  },
  stream_blocked: {
    title: "Too many tabs",
    text: "This page is open in too many tabs, and your browser allows no more connections. Close another tab to continue here.",
    remedies: [],
  },
  stream_buffered: {
    title: "The connection is held back",
    text: "The server answers, but something between you and it holds its messages back. This page keeps trying. If you run this server, turn off response buffering in your proxy.",
    remedies: [],
  },
  limit_reached: {
    title: "Slow down a little",
    text: "You have reached a limit that keeps things fair for everyone.",
    remedies: [],
  },
  overloaded: {
    title: "Too many people are here right now",
    text: "The server has no room for more. This page keeps trying automatically.",
    remedies: [],
  },
  network_full: {
    title: "Too many people on your network",
    text: "Your network has as many chats open as the server allows. Close other tabs of this page, if there are any.",
    remedies: [],
  },
  banned: {
    title: "You cannot chat right now",
    text: "Your network was banned, either after several reports or by a moderator. If you think this is a mistake, try again later.",
    remedies: [],
  },
  replaced: {
    title: "Open in another tab",
    text: "Your chat has moved to another tab or window of this browser.",
    remedies: ["use_here"],
  },
  invalid: { title: "Something is not right", text: "The server did not accept the request.", remedies: [] },
  match_over: { title: "This chat has ended", text: "Your partner has already left.", remedies: [] },
  origin_denied: {
    title: "This address is not allowed",
    text: "The server only accepts requests from its own pages. Open this page at the server's address.",
    remedies: [],
  },
  call_failed: {
    title: "The call could not connect",
    text: "Your two networks could not reach each other. This can happen on strict networks. The next call may work.",
    remedies: ["next"],
  },
  tips_off: { title: "Tips are not available", text: "This server does not support tips.", remedies: [] },
  tip_over: { title: "Too late for that", text: "This tip has ended, or it may already be paid.", remedies: [] },
  no_wallet: { title: "No wallet", text: "Press Tip and choose a wallet first.", remedies: [] },
  wallet_failed: { title: "Wallet error", text: "Check your wallet and try again.", remedies: [] },
  not_loaded: {
    title: "A part of this page is missing",
    text: "It could not be loaded. Try again, or reload the page.",
    remedies: [],
  },
  no_webrtc: {
    title: "This browser cannot make calls",
    text: "WebRTC is missing or disabled. Use a current browser, or enable WebRTC in the settings.",
    remedies: [],
  },
  not_supported: {
    title: "Your partner's page is too old for this",
    text: "It works once your partner has reloaded the page.",
    remedies: [],
  },
  safety_code_refused: {
    title: "No safety code",
    text: "Something between you and your partner interfered. Do not trust this connection.",
    remedies: ["next"],
  },
  closed: { title: "The chat was closed", text: "Reload the page to chat again.", remedies: [] },
  internal: { title: "Something went wrong", text: "This was not your fault. Please try again.", remedies: ["start"] },
} as const satisfies Record<ErrorCode, { title: string; text: string; remedies: readonly Remedy[] }>;

export function explainError(error: SatoshigleError, nowMs: number): Problem {
  const { title, text, remedies } = failures[error.code];
  const problem: Problem = { title, text, remedies: [...remedies] };
  if (error.code === "invalid") problem.text = explainField(error);
  if (error.code === "banned") return explainBan(problem, error);
  if (error.retryAfterMs !== undefined) problem.untilMs = nowMs + error.retryAfterMs;
  return problem;
}

/** A ban may last for days, so it shows a date instead of a countdown. */
function explainBan(problem: Problem, { expiresAtMs }: SatoshigleError): Problem {
  if (expiresAtMs === undefined) return problem;
  const date = new Date(expiresAtMs).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  return {
    ...problem,
    text: `Your network was banned, either after several reports or by a moderator. You can come back after ${date}.`,
  };
}

function explainField(error: SatoshigleError): string {
  if (error.field?.includes("interests"))
    return "One of your interests was not accepted. Please change it and start again.";
  if (error.field?.includes("languages"))
    return "One of your languages was not accepted. Please change it and start again.";
  if (error.field?.includes("relay"))
    return "This server cannot hide your IP address. Turn off “Hide my IP address” to continue.";
  return error.message || failures.invalid.text;
}

const mediaFailures = {
  insecure: {
    title: "Camera and microphone need a secure page",
    text: "Browsers allow them only over HTTPS or on localhost. Open this page that way, or continue with text.",
    remedies: ["text_only"],
  },
  denied: {
    title: "Camera and microphone are blocked",
    text: "Press the icon in the address bar, allow camera and microphone, then try again.",
    remedies: ["ask_again", "text_only"],
  },
  denied_by_system: {
    title: "Your device blocks camera and microphone",
    text: "Open your system's privacy settings, allow both for this browser, then try again.",
    remedies: ["ask_again", "text_only"],
  },
  missing: {
    title: "No camera or microphone found",
    text: "Connect one and try again, or continue with text.",
    remedies: ["ask_again", "text_only"],
  },
  no_camera: {
    title: "No camera found",
    text: "Connect one and try again, or continue without it.",
    remedies: ["ask_again", "microphone_only", "text_only"],
  },
  in_use: {
    title: "Camera or microphone is in use",
    text: "Another program is using it. Close that program, then try again.",
    remedies: ["ask_again", "microphone_only", "text_only"],
  },
  unplugged: {
    title: "A device was disconnected",
    text: "Your partner no longer receives video or sound from it. Reconnect it or choose another one.",
    remedies: ["ask_again"],
  },
  other: {
    title: "Camera and microphone did not start",
    text: "The browser gave no reason. Try again, or continue without video.",
    remedies: ["ask_again", "microphone_only", "text_only"],
  },
} as const satisfies Record<MediaFailure, { title: string; text: string; remedies: readonly Remedy[] }>;

export function explainMedia(failure: MediaFailure): Problem {
  const { title, text, remedies } = mediaFailures[failure];
  return { title, text, remedies: [...remedies] };
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
