import type { Client } from "@connectrpc/connect";
import { useEffect, useRef } from "preact/hooks";
import type { ModerationService, ReportRecord } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { ReportEvidence } from "../evidence/report-evidence.js";
import { Moment } from "../parts/moment.js";
import { ENOUGH_ROWS, usePages } from "../parts/use-pages.js";
import { legibleLines, visible } from "../parts/visible.js";
import { hrefTo } from "../route.js";
import { titleOfReason } from "./describe.js";

interface Props {
  moderation: Client<typeof ModerationService>;
  caseId: string;
  /** The reports are loaded again when it changes. */
  version: number;
}

/** The reports of a case, the newest first. */
export function CaseReports({ moderation, caseId, version }: Props) {
  const { rows, problem, isLoading, isFirst, hasOlder, toOlder, toNewest, reload } = usePages<ReportRecord>(
    async (pageToken, signal) => {
      const page = await moderation.listCaseReports({ caseId, pageSize: ENOUGH_ROWS, pageToken }, { signal });
      return { rows: page.reports, nextPageToken: page.nextPageToken };
    },
  );
  const known = useRef(version);
  useEffect(() => {
    if (known.current !== version) reload();
    known.current = version;
  }, [version]);
  return (
    <section class="panel" aria-labelledby="reports-title" aria-busy={isLoading}>
      <h2 id="reports-title">Reports</h2>
      {problem !== "" && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {rows?.length === 0 && <p class="none">No reports: they are no longer kept.</p>}
      <ul class="entries">
        {rows?.map((report) => (
          <Report key={report.reportId} moderation={moderation} report={report} />
        ))}
      </ul>
      {!(isFirst && !hasOlder) && (
        <div class="buttons" role="group" aria-label="Pages">
          <button type="button" aria-disabled={isFirst} onClick={() => !isFirst && toNewest()}>
            Newest
          </button>
          <button type="button" aria-disabled={!hasOlder} onClick={() => hasOlder && toOlder()}>
            Older
          </button>
        </div>
      )}
    </section>
  );
}

type ReportProps = Pick<Props, "moderation"> & { report: ReportRecord };

function Report({ moderation, report }: ReportProps) {
  const { reportId, reason, comment, reporterKey, reporterSubject, matchId, createTime } = report;
  return (
    <li data-report={reportId}>
      <p>
        <span class="reason" data-reason={reason}>
          {titleOfReason(reason)}
        </span>{" "}
        <Moment at={createTime} />
      </p>
      {comment !== "" && <blockquote dir="auto">{legibleLines(comment)}</blockquote>}
      <p class="soft">
        by{" "}
        {reporterSubject === "" ? (
          <code>{reporterKey}</code>
        ) : (
          <a href={hrefTo("people", { subject: reporterSubject })}>
            <bdi>{visible(reporterSubject)}</bdi>
          </a>
        )}
        , match <code>{matchId}</code>
      </p>
      <ReportExtras moderation={moderation} report={report} />
    </li>
  );
}

/** What belongs to a report beyond its text. */
function ReportExtras({ moderation, report }: ReportProps) {
  const { reportedDeviceKey, hasEvidence } = report;
  return (
    <>
      {reportedDeviceKey !== "" && (
        <p class="soft">
          browser <code>{reportedDeviceKey}</code>
        </p>
      )}
      {hasEvidence && <ReportEvidence moderation={moderation} report={report} />}
    </>
  );
}
