import { useNow } from "../use-now.js";
import { clock } from "../words.js";

/** The time left. It is not read aloud each second: the words beside it say what it is about. */
export function Countdown({ untilMs }: { untilMs: number }) {
  const leftMs = untilMs - useNow(true);
  return (
    <span class="countdown" role="timer" aria-live="off">
      {clock(leftMs)}
    </span>
  );
}
