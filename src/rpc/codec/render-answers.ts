import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ReportUpdatedSchema } from "../../../gen/satoshigle/v1/event_pb.js";
import { type ReportResponse, ReportResponseSchema } from "../../../gen/satoshigle/v1/matching_pb.js";
import type { ReportAnswer } from "../../core/report.js";

export function renderReported(number: number): ReportResponse {
  return create(ReportResponseSchema, { reportId: String(number) });
}

export function renderReportAnswer(answer: ReportAnswer): MessageInitShape<typeof ReportUpdatedSchema> {
  const { report, actedOn, createdMs } = answer;
  return { reportId: String(report), actedOn, createTime: timestampFromMs(createdMs) };
}
