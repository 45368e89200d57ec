import { lastingStorage } from "../kept-session.js";
import { say } from "../say.js";
import type { Progress } from "../use-report.js";
import { Icon } from "./icon.js";

interface Props {
  progress: Progress;
  onClose: () => void;
}

/** Thanks for a report, and says whether what the person chose is attached to it. */
export function ReportSent({ progress, onClose }: Props) {
  const { step } = progress;
  return (
    <div class="report-sent" role="status" data-testid="report-sent">
      <p class="report-sent-title">
        <Icon name="check" /> {say("report.sent")}
      </p>
      <p>{say("report.sent.text")}</p>
      {lastingStorage() !== null && <p>{say("report.sent.answer")}</p>}
      {step === "attaching" && (
        <p key="attaching" class="help" tabIndex={-1} ref={focus}>
          {say("evidence.attaching")}
        </p>
      )}
      {step === "attached" && <p data-testid="evidence-attached">{say("evidence.attached")}</p>}
      {step === "unattached" && (
        <p class="form-problem" role="alert" data-testid="evidence-problem">
          {progress.text}
        </p>
      )}
      {step !== "attaching" && (
        <div class="report-sent-actions">
          {step === "unattached" && progress.retry && (
            <button
              type="button"
              class="button button-strong"
              data-testid="evidence-again"
              ref={focus}
              onClick={() => void progress.retry?.()}
            >
              {say("remedy.ask_again")}
            </button>
          )}
          <Done quiet={step === "unattached" && progress.retry !== null} onClose={onClose} />
        </div>
      )}
    </div>
  );
}

/** `quiet`: another button is the next thing to press. */
function Done({ quiet, onClose }: { quiet: boolean; onClose: () => void }) {
  if (quiet) {
    return (
      <button type="button" class="button" onClick={onClose}>
        {say("report.done")}
      </button>
    );
  }
  return (
    <button type="button" class="button button-strong" ref={focus} onClick={onClose}>
      {say("report.done")}
    </button>
  );
}

/** Moves the focus here, because what was focused is gone. */
function focus(element: HTMLElement | null): void {
  element?.focus();
}
