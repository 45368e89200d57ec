import { ActionKind as Kind } from "../../../gen/satoshigle/internal/v1/action_pb.js";
import { CaseOutcome as Outcome } from "../../../gen/satoshigle/internal/v1/case_pb.js";

/** What a moderator can do about somebody. */
export interface Measure {
  name: string;
  /** Undefined for a ban, which is no action. */
  kind: Kind | undefined;
  title: string;
  note: string;
  /** The key in the view of a case. */
  shortcut: string;
  /** How a case ends with it. */
  outcome: Outcome;
}

/** The measures, the mildest first. */
export const MEASURES: readonly Measure[] = [
  {
    ...{ name: "warn", kind: Kind.WARN, title: "Warn", shortcut: "w", outcome: Outcome.WARNED },
    note: "Shows the statement. For a person or a browser.",
  },
  {
    ...{ name: "no_reports", kind: Kind.NO_REPORTS, title: "No reports", shortcut: "x", outcome: Outcome.RESTRICTED },
    note: "Refuses reports about others.",
  },
  {
    ...{ name: "text_only", kind: Kind.TEXT_ONLY, title: "Text only", shortcut: "t", outcome: Outcome.RESTRICTED },
    note: "No audio and video.",
  },
  {
    ...{ name: "quarantine", kind: Kind.QUARANTINE, title: "Quarantine", shortcut: "q", outcome: Outcome.RESTRICTED },
    note: "Meets only others in quarantine.",
  },
  {
    ...{ name: "ban", kind: undefined, title: "Ban", shortcut: "b", outcome: Outcome.BANNED },
    note: "Refuses sessions.",
  },
];

const OTHERS = [{ kind: Kind.NO_TIPS, title: "No tips" }];

export const titleOfKind = (kind: Kind) =>
  [...MEASURES, ...OTHERS].find((one) => one.kind === kind)?.title ?? "Unknown";
