import { type CaseRecord, CaseState as State } from "../../../gen/satoshigle/internal/v1/case_pb.js";
import { kindOf } from "../bans/describe.js";
import { Moment } from "../parts/moment.js";
import { visible } from "../parts/visible.js";
import { hrefTo } from "../route.js";
import { aboutOf, titleOfOutcome, titleOfReason, titleOfState } from "./describe.js";

interface Props {
  record: CaseRecord;
  /** Undefined for those who may not. */
  onClaim: (() => void) | undefined;
}

/** A case in the queue. */
export function CaseRow({ record, onClaim }: Props) {
  const { caseId, reportedKey, reportedSubject, reason, priority, reporterCount, reportCount, state } = record;
  return (
    <tr data-case={caseId}>
      <th scope="row">
        <a href={hrefTo("cases", {}, caseId)}>
          {reportedSubject === "" ? <code>{reportedKey}</code> : <bdi>{visible(reportedSubject)}</bdi>}
        </a>
        <small>
          {kindOf(reportedKey)}, case {caseId}
        </small>
      </th>
      <td class="whole" data-label="Reason">
        <span class="reason" data-reason={reason}>
          {titleOfReason(reason)}
        </span>
      </td>
      <td data-label="Priority">{priority}</td>
      <td class="whole" data-label="Reporters">
        {reporterCount}
        <small>
          {reportCount} {reportCount === 1 ? "report" : "reports"}
        </small>
      </td>
      <td data-label="Last report">
        <Moment at={record.lastReportTime} />
      </td>
      <td class="text" data-label="State">
        <Progress record={record} />
      </td>
      <td>
        <div class="buttons">
          {onClaim && state === State.OPEN && (
            <button type="button" aria-label={`Claim the case of ${aboutOf(record)}`} onClick={onClaim}>
              Claim
            </button>
          )}
        </div>
      </td>
    </tr>
  );
}

/** How far a case is, and in whose hands. */
function Progress({ record: { state, moderator, outcome } }: { record: CaseRecord }) {
  return (
    <>
      <span class="whole">{state === State.RESOLVED ? titleOfOutcome(outcome) : titleOfState(state)}</span>
      {moderator !== "" && <small>by {moderator}</small>}
    </>
  );
}
