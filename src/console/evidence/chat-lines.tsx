import type { LineStanding } from "../../client/moderation/verify-lines.js";
import { legibleLines } from "../parts/visible.js";
import { TimeOfReporter } from "./time-of-reporter.js";
import type { StatedLine } from "./unseal.js";

/** What is known about a line, in words and with a sign: colors alone say nothing to many. */
const STANDINGS: Record<LineStanding, { sign: string; title: string; note: string }> = {
  proved: {
    ...{ sign: "✓", title: "Proved" },
    note: "The reported person’s own browser told the server a hash that fits this line, before the report.",
  },
  committed: {
    ...{ sign: "=", title: "Unchanged" },
    note: "The reporter’s line. A hash from before the report fits it, so it was not changed since.",
  },
  claimed: {
    ...{ sign: "?", title: "Reporter’s word" },
    note: "No hash fits this line: it was said at the very end, or it, or one that followed, was changed or left out.",
  },
};

const SIDES: Record<StatedLine["from"], string> = { me: "Reporter", partner: "Reported person" };

/** The lines of chat, as text and nothing else. */
export function ChatLines({ lines }: { lines: readonly StatedLine[] }) {
  return (
    <>
      <ol class="chat" aria-label="Chat">
        {lines.map(({ from, text, atMs, standing }, index) => (
          <li key={index} data-from={from} data-standing={standing}>
            <p class="line-head">
              <strong>{SIDES[from]}</strong>
              <TimeOfReporter atMs={atMs} />
              <Standing standing={standing} />
            </p>
            <p class="said" dir="auto">
              {legibleLines(text)}
            </p>
          </li>
        ))}
      </ol>
      <dl class="legend" aria-label="What is known about a line">
        {(["proved", "committed", "claimed"] as const).map((standing) => (
          <div key={standing}>
            <dt>
              <Standing standing={standing} />
            </dt>
            <dd>{STANDINGS[standing].note}</dd>
          </div>
        ))}
      </dl>
      <p class="soft">Times, and who spoke before whom, are the reporter’s word.</p>
    </>
  );
}

function Standing({ standing }: { standing: LineStanding }) {
  const { sign, title } = STANDINGS[standing];
  return (
    <span class="standing" data-standing={standing}>
      <span aria-hidden="true">{sign}</span> {title}
    </span>
  );
}
