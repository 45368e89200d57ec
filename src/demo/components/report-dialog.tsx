import { useEffect, useState } from "preact/hooks";
import type { ReportReason, SatoshigleClient } from "@satoshigle/client";
import { SatoshigleError } from "@satoshigle/client";
import { lastingStorage } from "../kept-session.js";
import { explainError } from "../problems.js";
import { say } from "../say.js";
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
    <Dialog title={say("report.title")} open={matchId !== null} onClose={onClose} testId="report-dialog">
      {progress.step === "sent" ? (
        <div class="report-sent" role="status" data-testid="report-sent">
          <p class="report-sent-title">
            <Icon name="check" /> {say("report.sent")}
          </p>
          <p>{say("report.sent.text")}</p>
          {lastingStorage() !== null && <p>{say("report.sent.answer")}</p>}
          <button type="button" class="button button-strong" ref={focus} onClick={onClose}>
            {say("report.done")}
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
  if (!(error instanceof SatoshigleError)) return say("report.failed");
  if (error.code === "match_over") return say("report.tooLate");
  const { title, text } = explainError(error, Date.now());
  return say("report.notSent", { title, text });
}

/** Moves the focus here, because the focused form is gone. */
function focus(button: HTMLButtonElement | null): void {
  button?.focus();
}
