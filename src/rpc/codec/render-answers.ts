import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ReportUpdatedSchema, WarnedSchema } from "../../../gen/satoshigle/v1/event_pb.js";
import { type ReportResponse, ReportResponseSchema } from "../../../gen/satoshigle/v1/matching_pb.js";
import type { Warning } from "../../core/action.js";
import type { ReportAnswer } from "../../core/report.js";

export function renderReported(number: number): ReportResponse {
  return create(ReportResponseSchema, { reportId: String(number) });
}

export function renderReportAnswer(answer: ReportAnswer): MessageInitShape<typeof ReportUpdatedSchema> {
  const { report, actedOn, createdMs } = answer;
  return { reportId: String(report), actedOn, createTime: timestampFromMs(createdMs) };
}

export function renderWarning({ actionId, statement, createdMs }: Warning): MessageInitShape<typeof WarnedSchema> {
  return { actionId, statement, createTime: timestampFromMs(createdMs) };
}
