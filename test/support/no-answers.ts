import type { ReportAnswers } from "../../src/app/report-answers.js";

/** For parts of a server that answers nobody. */
export const nothingAnswered: Pick<ReportAnswers, "announce" | "greet"> = {
  announce: () => undefined,
  greet: () => undefined,
};
