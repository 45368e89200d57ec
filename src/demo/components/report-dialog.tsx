import { useEffect, useState } from "preact/hooks";
import type { ReportReason, SatoshigleClient } from "@satoshigle/client";
import { SatoshigleError } from "@satoshigle/client";
import { explainError } from "../problems.js";
import { Dialog } from "./dialog.js";
import { Icon } from "./icon.js";
import { ReportForm } from "./report-form.js";

interface Props {
  client: SatoshigleClient;
  /** The match to report; null while closed. Does not change when the match ends. */
  matchId: string | null;
  onClose: () => void;
}

type Progress = { step: "writing" } | { step: "sending" } | { step: "sent" } | { step: "failed"; text: string };

/** Reports a partner and shows the result. */
export function ReportDialog({ client, matchId, onClose }: Props) {
  const [progress, setProgress] = useState<Progress>({ step: "writing" });
  useEffect(() => setProgress({ step: "writing" }), [matchId]);

  async function send(reason: ReportReason, comment: string): Promise<void> {
    if (matchId === null) return;
    setProgress({ step: "sending" });
    try {
      await client.report(reason, comment, matchId);
      setProgress({ step: "sent" });
    } catch (error) {
      setProgress({ step: "failed", text: explainFailure(error) });
    }
  }

  return (
    <Dialog title="Report this person" open={matchId !== null} onClose={onClose} testId="report-dialog">
      {progress.step === "sent" ? (
        <div class="report-sent" role="status" data-testid="report-sent">
          <p class="report-sent-title">
            <Icon name="check" /> Thank you. Your report was sent.
          </p>
          <p>The call has ended, and you will not meet this person again.</p>
          <button type="button" class="button button-strong" ref={focus} onClick={onClose}>
            Done
          </button>
        </div>
      ) : (
        <ReportForm
          sending={progress.step === "sending"}
          problem={progress.step === "failed" ? progress.text : null}
          onSend={send}
        />
      )}
    </Dialog>
  );
}

function explainFailure(error: unknown): string {
  if (!(error instanceof SatoshigleError)) return "Your report could not be sent. Please try again.";
  if (error.code === "match_over") return "That chat ended too long ago to be reported.";
  const { title, text } = explainError(error, Date.now());
  return `Your report was not sent. ${title}: ${text}`;
}

/** Moves the focus here, because the focused form is gone. */
function focus(button: HTMLButtonElement | null): void {
  button?.focus();
}
