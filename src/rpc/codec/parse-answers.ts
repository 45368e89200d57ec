import type { AcknowledgeReportsRequest } from "../../../gen/satoshigle/v1/answer_pb.js";

export function parseAcknowledged({ reportIds }: AcknowledgeReportsRequest): number[] {
  return reportIds.map(Number).filter(Number.isSafeInteger);
}
