import type { ReportCheckRequest } from "../../../gen/satoshigle/v1/diagnostics_pb.js";
import { CHECK_PARTS, CHECK_RESULTS, type CheckPart, type CheckResult } from "../../core/connection-check.js";

/** The enums of the protocol count from 1 in the order of the lists in core; validation has refused all else. */
export function parseCheck({ outcomes }: ReportCheckRequest): Map<CheckPart, CheckResult> {
  const parsed = new Map<CheckPart, CheckResult>();
  for (const { part, result } of outcomes) {
    const [name, outcome] = [CHECK_PARTS[part - 1], CHECK_RESULTS[result - 1]];
    if (name !== undefined && outcome !== undefined) parsed.set(name, outcome);
  }
  return parsed;
}
