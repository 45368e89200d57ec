import type { CallQuality } from "@satoshigle/client";
import { say } from "./say.js";

/** What a person should know about the line; empty if it works. */
export function explainLine({ level, cause, picture, partnerPicture }: CallQuality): string {
  if (picture === "paused") return say("line.paused.mine");
  if (partnerPicture === "paused") return say("line.paused.theirs");
  if (level !== "poor") return "";
  if (cause === "mine" || cause === "theirs" || cause === "relay") return say(`line.poor.${cause}`);
  return say("line.poor");
}
