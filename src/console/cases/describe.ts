import type { CaseRecord } from "../../../gen/satoshigle/internal/v1/case_pb.js";
import { CaseOutcome as Outcome, CaseState as State } from "../../../gen/satoshigle/internal/v1/case_pb.js";
import { kindOf } from "../bans/describe.js";
import { visible } from "../parts/visible.js";

/** The states of a case, by their names in the address of the page. */
export const STATES = [
  { name: "open", state: State.OPEN, title: "Open" },
  { name: "in_review", state: State.IN_REVIEW, title: "In review" },
  { name: "resolved", state: State.RESOLVED, title: "Resolved" },
] as const;

/** The reasons of reports, the gravest first. */
export const REASONS = [
  { name: "minor", title: "Minor" },
  { name: "violence", title: "Violence" },
  { name: "sexual_content", title: "Sexual content" },
  { name: "harassment", title: "Harassment" },
  { name: "spam", title: "Spam" },
  { name: "other", title: "Other" },
] as const;

/** How a case may end. */
export const OUTCOMES = [
  {
    outcome: Outcome.NO_VIOLATION,
    title: "No violation",
    note: "The reports were unfounded; their reporters count less.",
  },
  { outcome: Outcome.WARNED, title: "Warned", note: "The person was told." },
  { outcome: Outcome.RESTRICTED, title: "Restricted", note: "What the person may do is limited." },
  { outcome: Outcome.BANNED, title: "Banned", note: "The person cannot connect." },
  { outcome: Outcome.REFERRED, title: "Referred", note: "Given to somebody else, such as the authorities." },
] as const;

export const titleOfState = (state: State) => STATES.find((one) => one.state === state)?.title ?? "–";
export const titleOfReason = (reason: string) => REASONS.find(({ name }) => name === reason)?.title ?? reason;
export const titleOfOutcome = (outcome: Outcome) => OUTCOMES.find((one) => one.outcome === outcome)?.title ?? "–";

/** Whom a case is about, in sentences. */
export function aboutOf({ reportedSubject, reportedKey }: CaseRecord): string {
  return reportedSubject === "" ? `the ${kindOf(reportedKey)} ${reportedKey}` : visible(reportedSubject);
}
