import { useState } from "preact/hooks";
import type { CallStats } from "@satoshigle/client";
import { rate } from "../quality.js";
import { say } from "../say.js";

/** Bars for the quality of the call. A click shows the measurements. */
export function QualityMeter({ stats }: { stats: CallStats | null }) {
  const [open, setOpen] = useState(false);
  const { bars, word, facts } = rate(stats);
  const summary =
    stats?.roundTripMs === undefined ? word : say("quality.summary", { word, ms: Math.round(stats.roundTripMs) });
  return (
    <div class="quality" data-testid="quality" data-bars={bars}>
      <button
        type="button"
        class="tool"
        aria-expanded={open}
        aria-label={say("quality.label", { quality: summary })}
        onClick={() => setOpen(!open)}
        onBlur={() => setOpen(false)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || !open) return;
          event.preventDefault();
          setOpen(false);
        }}
      >
        <svg class={`bars bars-${String(bars)}`} viewBox="0 0 20 16" aria-hidden="true">
          {[0, 1, 2, 3].map((at) => (
            <rect
              key={at}
              class={at < bars ? "bar bar-on" : "bar"}
              x={at * 5}
              y={12 - at * 4}
              width="3.5"
              height={4 + at * 4}
              rx="1.2"
            />
          ))}
        </svg>
        <span class="tool-name">{summary}</span>
      </button>
      {open && (
        <div class="quality-facts" role="status">
          <strong>{word}</strong>
          <ul>
            {facts.map((fact) => (
              <li key={fact}>{fact}</li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
