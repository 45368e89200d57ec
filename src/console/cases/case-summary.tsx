import { type CaseRecord, CaseState as State } from "../../../gen/satoshigle/internal/v1/case_pb.js";
import { kindOf } from "../bans/describe.js";
import { Moment } from "../parts/moment.js";
import { legibleLines, visible } from "../parts/visible.js";
import { hrefTo } from "../route.js";
import { titleOfOutcome, titleOfReason, titleOfState } from "./describe.js";

/** Whom a case is about, how grave it is, and how far it is. */
export function CaseSummary({ record }: { record: CaseRecord }) {
  const { reportedKey, reportedSubject, reason, priority, reporterCount, reportCount, resolution } = record;
  return (
    <section class="panel" aria-label="Summary">
      <dl class="summary">
        <Fact name="About">
          {reportedSubject !== "" && (
            <a href={hrefTo("people", { subject: reportedSubject })}>
              <bdi>{visible(reportedSubject)}</bdi>
            </a>
          )}
          <code>{reportedKey}</code>
          <small>{kindOf(reportedKey)}</small>
        </Fact>
        <Fact name="Gravest reason">
          <span class="reason" data-reason={reason}>
            {titleOfReason(reason)}
          </span>
        </Fact>
        <Fact name="Priority">{priority}</Fact>
        <Fact name="Reporters">
          {reporterCount}
          <small>
            {reportCount} {reportCount === 1 ? "report" : "reports"}
          </small>
        </Fact>
        <Fact name="Opened">
          <Moment at={record.createTime} />
        </Fact>
        <Fact name="Last report">
          <Moment at={record.lastReportTime} />
        </Fact>
        <Fact name="State">
          <Progress record={record} />
        </Fact>
      </dl>
      {resolution !== "" && (
        <p class="lines">
          <bdi>{legibleLines(resolution)}</bdi>
        </p>
      )}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Progress({ record }: { record: CaseRecord }) {
  const { state, moderator, outcome, leaseExpireTime, resolveTime } = record;
  return (
    <>
      {state === State.RESOLVED ? titleOfOutcome(outcome) : titleOfState(state)}
      {moderator !== "" && <small>by {moderator}</small>}
      {state === State.IN_REVIEW && (
        <small>
          ends <Moment at={leaseExpireTime} />
        </small>
      )}
      {state === State.RESOLVED && (
        <small>
          <Moment at={resolveTime} />
        </small>
      )}
    </>
  );
}
