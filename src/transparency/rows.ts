import { type Duration, durationMs, type Timestamp, timestampDate, timestampMs } from "@bufbuild/protobuf/wkt";
import { CaseOutcome } from "../../gen/satoshigle/internal/v1/case_pb.js";
import {
  DecisionSource,
  type GetFiguresResponse,
  Measure,
  MeasureTarget,
  type Statement,
  TerritorialScope,
  type TimeFigures,
} from "../../gen/satoshigle/internal/v1/transparency_pb.js";

type Cell = string | number | boolean;
type Row = Record<string, Cell>;

/** The columns of figures, of which each row has those that apply. */
export const FIGURE_COLUMNS = [
  ...["figure", "reason", "outcome", "measure", "target", "source", "ground", "automated", "value"],
];

export const STATEMENT_COLUMNS = [
  ...["decision_id", "measure", "target", "territorial_scope", "decided", "until", "duration_seconds", "lifted"],
  ...[
    "source",
    "ground",
    "facts",
    "explanation",
    "automated_detection",
    "automated_decision",
    "redress",
    "record_kept",
  ],
];

/** The figures as an object for JSON. */
export function figuresOf(response: GetFiguresResponse, period: { from: string; to: string }) {
  const { reports, cases, decisions, caseTime, appeals, moderatorCount, completeness } = response;
  const { from, to } = period;
  return {
    period: { from, to },
    complete_from: {
      decisions: timeOf(completeness?.decisionsFrom),
      reports: timeOf(completeness?.reportsFrom),
      grounds: timeOf(completeness?.groundsFrom),
    },
    reports_received: reports.map(({ reason, count }) => ({ reason, count: Number(count) })),
    cases_resolved: cases.map(({ outcome, count }) => ({
      outcome: wordOf(CaseOutcome[outcome]),
      count: Number(count),
    })),
    decisions: decisions.map(({ measure, target, source, ground, automated, count }) => ({
      ...{ measure: wordOf(Measure[measure]), target: wordOf(MeasureTarget[target]), source: sourceOf(source) },
      ...{ ground, automated, count: Number(count) },
    })),
    case_time: timesOf(caseTime),
    appeals: {
      created: Number(appeals?.created ?? 0),
      upheld: Number(appeals?.upheld ?? 0),
      reversed: Number(appeals?.reversed ?? 0),
      decision_time: timesOf(appeals?.decisionTime),
    },
    moderators: Number(moderatorCount),
  };
}

/** The same as rows for CSV. */
export function figureRows(figures: ReturnType<typeof figuresOf>): Row[] {
  const { period, complete_from: complete, reports_received, cases_resolved, decisions, case_time, appeals } = figures;
  const counted = <Counted extends { count: number }>(figure: string, rows: readonly Counted[]) =>
    rows.map(({ count, ...properties }) => ({ figure, ...properties, value: count }));
  const single = (values: Record<string, Cell>): Row[] =>
    Object.entries(values).map(([figure, value]) => ({ figure, value }));
  const { created, upheld, reversed, decision_time } = appeals;
  return [
    ...single({ period_from: period.from, period_to: period.to }),
    ...single(prefixed("complete_from", complete)),
    ...counted("reports_received", reports_received),
    ...counted("cases_resolved", cases_resolved),
    ...counted("decisions", decisions),
    ...single(prefixed("case_time", case_time)),
    ...single({ appeals_created: created, appeals_upheld: upheld, appeals_reversed: reversed }),
    ...single(prefixed("appeal_time", decision_time)),
    ...single({ moderators: figures.moderators }),
  ];
}

/** A statement of reasons as an object for JSON, and as a row for CSV. */
export function statementRow(statement: Statement): Row {
  const { measure, target, territorialScope, createTime, expireTime, liftTime, source, ground } = statement;
  return {
    decision_id: statement.decisionId,
    measure: wordOf(Measure[measure]),
    target: wordOf(MeasureTarget[target]),
    territorial_scope: wordOf(TerritorialScope[territorialScope]),
    decided: timeOf(createTime),
    until: timeOf(expireTime),
    duration_seconds: createTime && expireTime ? (timestampMs(expireTime) - timestampMs(createTime)) / 1000 : "",
    lifted: timeOf(liftTime),
    ...{ source: sourceOf(source), ground, facts: statement.facts, explanation: statement.explanation },
    automated_detection: statement.automatedDetection,
    automated_decision: statement.automatedDecision,
    redress: statement.appealable ? "appeal" : "contact_point",
    record_kept: statement.recordKept,
  };
}

function prefixed<Value>(prefix: string, values: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}_${name}`, value]));
}

function timesOf(times: TimeFigures | undefined) {
  return {
    count: Number(times?.count ?? 0),
    median_seconds: secondsOf(times?.median),
    percentile_90_seconds: secondsOf(times?.percentile90),
  };
}

/** Empty for what is not known. */
function secondsOf(duration: Duration | undefined): number | "" {
  return duration === undefined ? "" : durationMs(duration) / 1000;
}

function timeOf(time: Timestamp | undefined): string {
  return time === undefined ? "" : timestampDate(time).toISOString();
}

function sourceOf(source: DecisionSource): string {
  return source === DecisionSource.UNSPECIFIED ? "unknown" : wordOf(DecisionSource[source]);
}

/** The name of a wire value; of one that this version does not know, `unknown`. */
function wordOf(name: string | undefined): string {
  return name?.toLowerCase() ?? "unknown";
}
