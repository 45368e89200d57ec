import type { Phase, Words } from "../words.js";
import { Countdown } from "./countdown.js";

/** The status text. Screen readers announce changes. */
export function Status({ words, phase }: { words: Words; phase: Phase }) {
  return (
    <div class="status" data-testid="status">
      <div class="status-words" role="status" aria-live="polite">
        <p class="status-title">{words.title}</p>
        {words.detail && <p class="status-detail">{words.detail}</p>}
      </div>
      {words.untilMs !== undefined && <Countdown untilMs={words.untilMs} />}
      {phase === "connecting" && <span class="status-dots" aria-hidden="true" />}
    </div>
  );
}
