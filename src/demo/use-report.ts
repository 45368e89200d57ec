import { useEffect, useRef, useState } from "preact/hooks";
import {
  type Evidence,
  type EvidenceChoice,
  type ReportReason,
  SatoshigleError,
  type SatoshigleClient,
} from "@satoshigle/client";
import { explainError } from "./problems.js";
import { say } from "./say.js";

export type Progress =
  | { step: "writing" | "sending" | "sent" | "attaching" | "attached" }
  | { step: "failed"; text: string }
  /** The report was sent. `retry` is null if another attempt cannot succeed. */
  | { step: "unattached"; text: string; retry: (() => Promise<void>) | null };

export interface Report {
  reason: ReportReason;
  comment: string;
  choice: EvidenceChoice;
}

/** Sends a report about a match, and then attaches to it what the person chose. */
export function useReport(
  client: SatoshigleClient,
  evidence: Evidence | null,
  matchId: string | null,
): [Progress, (report: Report) => Promise<void>] {
  const [progress, setProgress] = useState<Progress>({ step: "writing" });
  const shown = useRef(matchId);
  shown.current = matchId;
  useEffect(() => setProgress({ step: "writing" }), [matchId]);

  async function send({ reason, comment, choice }: Report): Promise<void> {
    if (matchId === null) return;
    /** Another match may be reported by the time something fails. */
    const show = (next: Progress) => {
      if (shown.current === matchId) setProgress(next);
    };
    const attach = async (): Promise<void> => {
      show({ step: "attaching" });
      try {
        await evidence?.attach(reason, matchId, choice);
        show({ step: "attached" });
      } catch (error) {
        show({ step: "unattached", text: explainUnattached(error), retry: isOver(error) ? null : attach });
      }
    };
    show({ step: "sending" });
    try {
      await client.report(reason, comment, matchId);
    } catch (error) {
      show({ step: "failed", text: explainUnsent(error) });
      return;
    }
    if (choice.lines.length + choice.frames.length > 0) await attach();
    else show({ step: "sent" });
  }

  return [progress, send];
}

function explainUnsent(error: unknown): string {
  if (!(error instanceof SatoshigleError)) return say("report.failed");
  if (isOver(error)) return say("report.tooLate");
  const { title, text } = explainError(error, Date.now());
  return say("report.notSent", { title, text });
}

function explainUnattached(cause: unknown): string {
  if (isOver(cause)) return say("evidence.tooLate");
  const error = cause instanceof SatoshigleError ? cause : new SatoshigleError("internal", String(cause));
  return say("evidence.failed", { title: explainError(error, Date.now()).title });
}

function isOver(error: unknown): boolean {
  return error instanceof SatoshigleError && error.code === "match_over";
}
