import { useNow } from "../use-now.js";
import { clock } from "../words.js";

/** The time left. Screen readers do not announce every second. */
export function Countdown({ untilMs }: { untilMs: number }) {
  const leftMs = untilMs - useNow(true);
  return (
    <span class="countdown" role="timer" aria-live="off">
      {clock(leftMs)}
    </span>
  );
}
