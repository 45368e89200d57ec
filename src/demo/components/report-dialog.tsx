import type { Evidence, SatoshigleClient } from "@satoshigle/client";
import { say } from "../say.js";
import { usePreview } from "../use-evidence.js";
import { useReport } from "../use-report.js";
import { Dialog } from "./dialog.js";
import { ReportForm } from "./report-form.js";
import { ReportSent } from "./report-sent.js";

interface Props {
  client: SatoshigleClient;
  /** The match to report; null while closed. Does not change when the match ends. */
  matchId: string | null;
  evidence: Evidence | null;
  onClose: () => void;
}

/** Reports a partner and shows the result. */
export function ReportDialog({ client, matchId, evidence, onClose }: Props) {
  const preview = usePreview(evidence, matchId);
  const [progress, send] = useReport(client, evidence, matchId);
  const writing = progress.step === "writing" || progress.step === "sending" || progress.step === "failed";
  return (
    <Dialog title={say("report.title")} open={matchId !== null} onClose={onClose} testId="report-dialog">
      {writing ? (
        <ReportForm
          sending={progress.step === "sending"}
          problem={progress.step === "failed" ? progress.text : null}
          preview={preview}
          keptMs={evidence?.keptMs ?? 0}
          onSend={send}
        />
      ) : (
        <ReportSent progress={progress} onClose={onClose} />
      )}
    </Dialog>
  );
}
