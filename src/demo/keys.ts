import type { Phase } from "./words.js";

export type Command = "start" | "next" | "stop";

/** What of a key press matters. */
export interface KeyPress {
  key: string;
  repeat: boolean;
  /** With Ctrl, Alt or Meta it belongs to the browser. */
  modified: boolean;
  /** The focused element takes the key itself: a field, a button, a link. */
  taken: "none" | "field" | "button";
  dialogOpen: boolean;
}

/** What a key asks for, if anything: Space or Enter starts, → is next, Esc stops. */
export function commandOf(press: KeyPress, phase: Phase): Command | null {
  if (press.repeat || press.modified || press.dialogOpen || press.taken === "field") return null;
  if (press.key === "Escape") return phase === "idle" ? null : "stop";
  if (press.key === "ArrowRight") return phase === "idle" || phase === "waiting" ? null : "next";
  const starts = press.key === " " || press.key === "Enter";
  return starts && phase === "idle" && press.taken === "none" ? "start" : null;
}

/** Which keys an element takes for itself. */
export function takenBy(element: Element | null): KeyPress["taken"] {
  if (element === null) return "none";
  if (element.closest("input, textarea, select, [contenteditable], [role=tablist]")) return "field";
  return element.closest("button, a, summary") ? "button" : "none";
}
