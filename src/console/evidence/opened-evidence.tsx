import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { ChatLines } from "./chat-lines.js";
import { Pictures } from "./pictures.js";
import type { OpenEvidence, StatedLine } from "./unseal.js";

interface Props {
  evidence: OpenEvidence;
  onClose: () => void;
}

/** What the reporter attached, and what of it is proved. */
export function OpenedEvidence({ evidence: { lines, pictures, withheldCount }, onClose }: Props) {
  const id = useId();
  const title = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => title.current?.focus(), []);
  return (
    <section class="evidence" aria-labelledby={id} aria-describedby={`${id}-sum`}>
      <h3 id={id} ref={title} tabIndex={-1}>
        Evidence
      </h3>
      <p id={`${id}-sum`}>{summaryOf(lines)}</p>
      {lines.length > 0 && <ChatLines lines={lines} />}
      <Pictures pictures={pictures} withheldCount={withheldCount} />
      <div class="buttons">
        <button type="button" onClick={onClose}>
          Close evidence
        </button>
      </div>
    </section>
  );
}

function summaryOf(lines: readonly StatedLine[]): string {
  const count = (wanted: StatedLine["standing"]) => lines.filter(({ standing }) => standing === wanted).length;
  const [proved, committed, claimed] = [count("proved"), count("committed"), count("claimed")];
  if (lines.length === 0) return "No chat is attached.";
  const parts = [
    `${String(proved)} proved`,
    ...(committed > 0 ? [`${String(committed)} unchanged since`] : []),
    `${String(claimed)} only the reporter’s word`,
  ];
  return `${lines.length === 1 ? "1 line" : `${String(lines.length)} lines`}: ${parts.join(", ")}.`;
}
