import type { ReportAnswers } from "../../src/app/report-answers.js";
import type { Warnings } from "../../src/app/warnings.js";

/** For parts of a server that answers nobody. */
export const nothingAnswered: Pick<ReportAnswers, "announce" | "greet"> = {
  announce: () => undefined,
  greet: () => undefined,
};

/** For parts of a server that warns nobody. */
export const nobodyWarned: Pick<Warnings, "announce" | "greet"> = {
  announce: () => undefined,
  greet: () => undefined,
};
