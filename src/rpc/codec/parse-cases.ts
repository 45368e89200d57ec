import {
  CaseOutcome as WireOutcome,
  CaseState as WireState,
  type ListCasesRequest,
} from "../../../gen/satoshigle/internal/v1/case_pb.js";
import type { CaseFilter, CaseOutcome, CasePlace, CaseState, Moderator } from "../../core/case.js";
import { DomainError } from "../../core/errors.js";
import type { AddressKey } from "../../core/ids.js";
import type { ReportReason } from "../../core/report.js";
import { placeFrom } from "./page-token.js";
import { named, parsePage } from "./parse-internal.js";
import { caseOutcomes, caseStates } from "./render-cases.js";

export function parseCasePage(request: ListCasesRequest): { filter: CaseFilter; size: number; after?: CasePlace } {
  const { size } = parsePage("cases", { pageSize: request.pageSize, pageToken: "" });
  const [filter, after] = [parseFilter(request), placeFrom(request.pageToken, "page_token")];
  return { filter, size, ...(after && { after }) };
}

function parseFilter({ state: wireState, reason, moderator, reportedKey }: ListCasesRequest): CaseFilter {
  const state = named<CaseState, WireState>(caseStates, wireState);
  if (state === "open" && moderator !== "") {
    const message = "moderator: an open case has no moderator, so the field excludes the state open";
    throw new DomainError("field_invalid", message, { field: "moderator" });
  }
  return {
    state,
    reason: reason === "" ? undefined : (reason as ReportReason),
    moderator: moderator === "" ? undefined : (moderator as Moderator),
    reportedKey: reportedKey === "" ? undefined : (reportedKey as AddressKey),
  };
}

export function parseOutcome(outcome: WireOutcome): CaseOutcome {
  const found = named<CaseOutcome, WireOutcome>(caseOutcomes, outcome);
  if (found !== undefined) return found;
  throw new DomainError("field_invalid", "outcome: is required", { field: "outcome" });
}
