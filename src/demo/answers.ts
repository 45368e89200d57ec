import type { Notice, ReportNotice } from "@satoshigle/client";
import { formatTime, say } from "./say.js";

/** As many as people read at once. The others follow. */
const SHOWN = 3;

/** Of the answers to reports that were not seen, those to show now: the oldest. */
export function findAnswers(unseen: readonly Notice[]): readonly ReportNotice[] {
  return unseen.filter((notice) => notice.kind === "report").slice(0, SHOWN);
}

/** What became of a report. */
export function explainAnswer({ actedOn, reportedAtMs }: ReportNotice, nowMs: number): string {
  const isThisYear = new Date(reportedAtMs).getFullYear() === new Date(nowMs).getFullYear();
  const year = isThisYear ? {} : { year: "numeric" as const };
  const date = formatTime(reportedAtMs, { day: "numeric", month: "long", ...year });
  return say(actedOn ? "answer.actedOn" : "answer.noBreach", { date });
}
