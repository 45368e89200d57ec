import { AppealOutcome as Outcome, AppealState as State } from "../../../gen/satoshigle/internal/v1/appeal_pb.js";

/** The states of an appeal, by their names in the address of the page. Open ones are shown without a name. */
export const STATES = [{ name: "decided", state: State.DECIDED, title: "decided, the latest first" }] as const;

/** How an appeal may be decided. */
export const DECISIONS = [
  {
    ...{ outcome: Outcome.UPHELD, verb: "Uphold", title: "Upheld", question: "Uphold this ban?", shortcut: "u" },
    note: "The ban stays until its end. There is no further appeal.",
    answer: "Answer, which the banned person reads",
  },
  {
    ...{ outcome: Outcome.REVERSED, verb: "Reverse", title: "Reversed", question: "Reverse this ban?", shortcut: "r" },
    note: "The ban is lifted at once. Reports from before no longer count.",
    answer: "Answer, which is kept with the decision; the person is let in without it",
  },
] as const;

export type Decision = (typeof DECISIONS)[number];

export const titleOfOutcome = (outcome: Outcome) => DECISIONS.find((one) => one.outcome === outcome)?.title ?? "Open";
