import type { State } from "@satoshigle/client";
import { say } from "./say.js";

/** Whether the app restricts this session to text: its calls have no audio or video. */
export function isTextSession({ modeLimit }: Pick<State, "modeLimit">): boolean {
  return modeLimit === "text";
}

/** Explains why the camera or microphone has no effect; an empty string if both work. */
export function explainLimit(state: State): string {
  if (isTextSession(state)) return say("limit.session");
  const mode = state.activity.phase === "matched" ? state.activity.mode : "video";
  if (mode === "text") return say("limit.text");
  return mode === "audio" ? say("limit.audio") : "";
}
