import { useEffect, useRef } from "preact/hooks";
import { type Command, commandOf, takenBy } from "./keys.js";
import type { Phase } from "./words.js";

/** Keyboard shortcuts for Start, Next and Stop. */
export function useKeys(phase: Phase, run: (command: Command) => void): void {
  const latest = useRef({ phase, run });
  latest.current = { phase, run };
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const command = commandOf(
        {
          key: event.key,
          repeat: event.repeat,
          modified: event.ctrlKey || event.altKey || event.metaKey,
          taken: takenBy(document.activeElement),
          dialogOpen: document.querySelector("dialog[open]") !== null,
        },
        latest.current.phase,
        isReadLeftwards() ? "ArrowLeft" : "ArrowRight",
      );
      if (command === null) return;
      event.preventDefault();
      latest.current.run(command);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}

/** The arrow on the key for Next, which points in the direction of reading. */
export function forwardArrow(): "→" | "←" {
  return isReadLeftwards() ? "←" : "→";
}

function isReadLeftwards(): boolean {
  return document.documentElement.dir === "rtl";
}
