import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, type Timestamp, timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  DecisionSource,
  type GetFiguresResponseSchema,
  Measure as WireMeasure,
  MeasureTarget as WireTarget,
  type StatementSchema,
  TerritorialScope,
  type TimeFiguresSchema,
} from "../../../gen/satoshigle/internal/v1/transparency_pb.js";
import type { Figures } from "../../app/transparency.js";
import { DomainError } from "../../core/errors.js";
import {
  type Basis,
  MAX_PERIOD_MS,
  type Measure,
  type MeasureTarget,
  type Period,
  type Statement,
  type Times,
} from "../../core/transparency.js";
import { caseOutcomes } from "./render-cases.js";

const measures = {
  warn: WireMeasure.WARN,
  text_only: WireMeasure.TEXT_ONLY,
  no_reports: WireMeasure.NO_REPORTS,
  no_tips: WireMeasure.NO_TIPS,
  quarantine: WireMeasure.QUARANTINE,
  ban: WireMeasure.BAN,
} as const satisfies Record<Measure, WireMeasure>;

const targets = {
  person: WireTarget.PERSON,
  browser: WireTarget.BROWSER,
  network: WireTarget.NETWORK,
} as const satisfies Record<MeasureTarget, WireTarget>;

const sources = {
  reports: DecisionSource.REPORTS,
  own_initiative: DecisionSource.OWN_INITIATIVE,
  unknown: DecisionSource.UNSPECIFIED,
} as const satisfies Record<Basis["source"], DecisionSource>;

interface WirePeriod {
  start?: Timestamp | undefined;
  end?: Timestamp | undefined;
}

export function parsePeriod({ start, end }: WirePeriod): Period {
  const [startMs, endMs] = [start ? timestampMs(start) : 0, end ? timestampMs(end) : 0];
  const refuse = (problem: string) => new DomainError("field_invalid", `end: ${problem}`, { field: "end" });
  if (endMs <= startMs) throw refuse("must be after `start`");
  if (endMs - startMs > MAX_PERIOD_MS) throw refuse("must be at most 400 days after `start`");
  return { startMs, endMs };
}

export function renderFigures({
  reports,
  audit,
  completeness,
}: Figures): MessageInitShape<typeof GetFiguresResponseSchema> {
  const { created, upheld, reversed } = audit.appeals;
  const counts = { created: BigInt(created), upheld: BigInt(upheld), reversed: BigInt(reversed) };
  return {
    reports: [...reports].map(([reason, count]) => ({ reason, count: BigInt(count) })),
    cases: [...audit.outcomes].map(([outcome, count]) => ({ outcome: caseOutcomes[outcome], count: BigInt(count) })),
    decisions: audit.decisions.map(({ measure, target, source, ground = "", automated, count }) => ({
      ...{ measure: measures[measure], target: targets[target], source: sources[source] },
      ...{ ground, automated, count: BigInt(count) },
    })),
    caseTime: renderTimes(audit.caseTimes),
    appeals: { ...counts, decisionTime: renderTimes(audit.appealTimes) },
    moderatorCount: BigInt(audit.moderators),
    completeness: {
      decisionsFrom: timestampFromMs(completeness.decisionsFromMs),
      reportsFrom: timestampFromMs(completeness.reportsFromMs),
      groundsFrom: timestampFromMs(completeness.groundsFromMs),
    },
  };
}

function renderTimes(times: Times): MessageInitShape<typeof TimeFiguresSchema> {
  const [median, percentile90] = [times.percentile(0.5), times.percentile(0.9)];
  return {
    count: BigInt(times.count),
    ...(median !== undefined && { median: durationFromMs(median) }),
    ...(percentile90 !== undefined && { percentile90: durationFromMs(percentile90) }),
  };
}

export function renderStatement(statement: Statement): MessageInitShape<typeof StatementSchema> {
  const { id, measure, target, atMs, source, ground = "", automated, appealable, record } = statement;
  return {
    decisionId: id,
    measure: measures[measure],
    target: targets[target],
    territorialScope: TerritorialScope.WORLDWIDE,
    createTime: timestampFromMs(atMs),
    source: sources[source],
    ground,
    automatedDecision: automated,
    appealable,
    recordKept: record !== undefined,
    ...(record && {
      expireTime: timestampFromMs(record.expiresMs),
      ...(record.liftedMs !== undefined && { liftTime: timestampFromMs(record.liftedMs) }),
      facts: record.facts,
      explanation: record.explanation,
    }),
  };
}
