import type { EvidenceChoice as Choice, EvidenceFrame, EvidenceLine, EvidencePreview } from "@satoshigle/client";
import { formatNumber, formatTime, say, sayCount } from "../say.js";

const DAY_MS = 24 * 60 * 60_000;

export interface ChoiceProps {
  preview: EvidencePreview;
  /** How long the server keeps it, in milliseconds. */
  keptMs: number;
  /** Pictures may not be attached, nor shown. */
  withoutFrames: boolean;
  choice: Choice;
  onChoice: (choice: Choice) => void;
}

/** What may be attached to a report. Nothing is, unless the person chooses it. */
export function EvidenceChoice({ preview, keptMs, withoutFrames, choice, onChoice }: ChoiceProps) {
  const { lines, frames } = preview;
  const pick = (frame: EvidenceFrame, picked: boolean) => {
    const picks = frames.filter((one) => (one === frame ? picked : choice.frames.includes(one)));
    onChoice({ ...choice, frames: picks });
  };
  return (
    <fieldset class="evidence" aria-describedby="evidence-help" data-testid="evidence">
      <legend class="label">
        {say("evidence.title")} <span class="help">{say("report.optional")}</span>
      </legend>
      <p class="help" id="evidence-help">
        {sayCount("evidence.help", Math.round(keptMs / DAY_MS))}
      </p>
      {lines.length > 0 && (
        <ChatChoice
          lines={lines}
          chosen={choice.lines.length > 0}
          onChoose={(chosen) => onChoice({ ...choice, lines: chosen ? lines : [] })}
        />
      )}
      {withoutFrames && frames.length > 0 && <p class="help">{say("evidence.minor")}</p>}
      {!withoutFrames && frames.length > 0 && <FrameChoice frames={frames} chosen={choice.frames} onPick={pick} />}
    </fieldset>
  );
}

interface ChatChoiceProps {
  lines: readonly EvidenceLine[];
  chosen: boolean;
  onChoose: (chosen: boolean) => void;
}

function ChatChoice({ lines, chosen, onChoose }: ChatChoiceProps) {
  return (
    <>
      <label class="reason">
        <input
          type="checkbox"
          data-testid="evidence-chat"
          checked={chosen}
          onChange={(event) => onChoose(event.currentTarget.checked)}
        />
        {sayCount("evidence.chat", lines.length)}
      </label>
      <div class="evidence-lines" role="group" aria-label={say("chat.label")} tabIndex={0}>
        {lines.map(({ from, text }, at) => (
          <p key={at}>
            <b>{say(`chat.${from}`)}</b> <bdi>{text}</bdi>
          </p>
        ))}
      </div>
    </>
  );
}

interface FrameChoiceProps {
  frames: readonly EvidenceFrame[];
  chosen: readonly EvidenceFrame[];
  onPick: (frame: EvidenceFrame, picked: boolean) => void;
}

function FrameChoice({ frames, chosen, onPick }: FrameChoiceProps) {
  return (
    <div role="group" aria-labelledby="evidence-frames">
      <p id="evidence-frames">{say("evidence.frames")}</p>
      <div class="evidence-frames">
        {frames.map((frame, at) => (
          <label key={frame.atMs} class="evidence-frame">
            <img src={`data:image/jpeg;base64,${frame.jpeg}`} alt={nameOf(frame, at)} />
            <input
              type="checkbox"
              data-testid="evidence-frame"
              checked={chosen.includes(frame)}
              onChange={(event) => onPick(frame, event.currentTarget.checked)}
            />
          </label>
        ))}
      </div>
    </div>
  );
}

function nameOf({ atMs }: EvidenceFrame, at: number): string {
  return say("evidence.frame", { number: formatNumber(at + 1), time: formatTime(atMs, { timeStyle: "medium" }) });
}
