import type { CallQuality } from "@satoshigle/client";

/** The sentences about a running call: typing and seen, quality, the safety code. */
export const inCallWords = {
  typing: "typing…",
  partnerTyping: "Your partner is typing",
  seen: "Seen",
  safetyCode: "Safety code",
  safetyAsk: "Read these four symbols to each other, or hold them up to the camera.",
  safetyWaiting: "Agreeing on a code with your partner…",
  safetySame: "If you both see the same ones, nobody in between can watch your call: not this server, and no relay.",
  safetyDiffer: "If they differ, somebody is in between. End the call.",
  safetyLimits: "The code does not tell you who your partner is, or whether your partner records the call.",
  myPicturePaused: "Your line is thin. Your picture is paused so that you can talk.",
  partnerPicturePaused: "Your partner's line is thin. The picture is paused so that you can talk.",
  poorMine: "Your connection is weak.",
  poorTheirs: "Your partner's connection is weak.",
  poorRelay: "The relay of this call is slow.",
  poor: "The connection is weak.",
} as const;

/** What a person should know about the line; empty if it works. */
export function explainLine({ level, cause, picture, partnerPicture }: CallQuality): string {
  if (picture === "paused") return inCallWords.myPicturePaused;
  if (partnerPicture === "paused") return inCallWords.partnerPicturePaused;
  if (level !== "poor") return "";
  if (cause === "mine") return inCallWords.poorMine;
  if (cause === "theirs") return inCallWords.poorTheirs;
  return cause === "relay" ? inCallWords.poorRelay : inCallWords.poor;
}
