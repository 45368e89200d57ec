import type { Phase } from "./words.js";

export type Command = "start" | "next" | "stop";

/** The arrow key in the direction of reading. */
export type ForwardKey = "ArrowRight" | "ArrowLeft";

/** The relevant parts of a key press. */
export interface KeyPress {
  key: string;
  repeat: boolean;
  /** Pressed with Ctrl, Alt or Meta: a browser shortcut. */
  modified: boolean;
  /** The kind of focused element that handles the key itself. Links count as buttons. */
  taken: "none" | "field" | "button";
  dialogOpen: boolean;
}

/** Maps a key press to a command: Space or Enter starts, the arrow in the direction of reading is Next, Esc stops. */
export function commandOf(press: KeyPress, phase: Phase, forward: ForwardKey = "ArrowRight"): Command | null {
  if (press.repeat || press.modified || press.dialogOpen || press.taken === "field") return null;
  if (press.key === "Escape") return phase === "idle" ? null : "stop";
  if (press.key === forward) return phase === "idle" || phase === "waiting" ? null : "next";
  const starts = press.key === " " || press.key === "Enter";
  return starts && phase === "idle" && press.taken === "none" ? "start" : null;
}

/** Which kind of keys an element handles itself. */
export function takenBy(element: Element | null): KeyPress["taken"] {
  if (element === null) return "none";
  if (element.closest("input, textarea, select, [contenteditable], [role=tablist]")) return "field";
  return element.closest("button, a, summary") ? "button" : "none";
}
