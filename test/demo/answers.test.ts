import { afterEach, describe, expect, it } from "vitest";
import german from "../../src/demo/catalogue/de.json" with { type: "json" };
import type { Notice, ReportNotice } from "../../src/client/index.js";
import { explainAnswer, findAnswers } from "../../src/demo/answers.js";
import { speak } from "../../src/demo/say.js";

const NOW_MS = new Date(2026, 10, 20).getTime();
const answer = (reportId: string, actedOn = true, reportedAtMs = new Date(2026, 10, 3).getTime()): ReportNotice => {
  return { kind: "report", reportId, actedOn, reportedAtMs };
};

describe("the answer to a report", () => {
  afterEach(() => speak());

  it("says when the report was made and what came of it", () => {
    speak("en-GB");
    expect(explainAnswer(answer("1"), NOW_MS)).toBe("Your report of 3 November: we acted on it.");
    expect(explainAnswer(answer("1", false), NOW_MS)).toBe(
      "Your report of 3 November: we found no breach of the rules.",
    );
  });

  it("says the year of a report from another one, in the words of the language", () => {
    speak("de", german);
    const said = explainAnswer(answer("1", true, new Date(2025, 11, 24).getTime()), NOW_MS);
    expect(said).toBe("Deine Meldung vom 24. Dezember 2025: Wir sind dagegen vorgegangen.");
  });

  it("comes with few others at a time, the oldest first, and with nothing of another kind", () => {
    const other = { ...answer("0"), kind: "later" } as unknown as Notice;
    const shown = findAnswers([other, ...["1", "2", "3", "4"].map((id) => answer(id))]);
    expect(shown.map(({ reportId }) => reportId)).toEqual(["1", "2", "3"]);
  });
});
