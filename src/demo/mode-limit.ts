import type { State } from "@satoshigle/client";
import { say } from "./say.js";

/** Whether the app restricts this session to text, so that no call of it has media. */
export function isTextSession({ modeLimit }: Pick<State, "modeLimit">): boolean {
  return modeLimit === "text";
}

/** What a switched-on camera or microphone has no effect on, and until when; an empty string if they have one. */
export function explainLimit(state: State): string {
  if (isTextSession(state)) return say("limit.session");
  const mode = state.activity.phase === "matched" ? state.activity.mode : "video";
  if (mode === "text") return say("limit.text");
  return mode === "audio" ? say("limit.audio") : "";
}
