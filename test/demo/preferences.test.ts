import { describe, expect, it } from "vitest";
import { listLanguages, nameOf, suggestLanguages } from "../../src/demo/languages.js";
import {
  addInterests,
  noChoice,
  recall,
  remember,
  summarize,
  tidyInterest,
  toggleLanguage,
} from "../../src/demo/preferences.js";

function shelf(kept: string | null = null) {
  return { kept, getItem: () => kept, setItem: (_key: string, value: string) => void (kept = value) };
}

describe("interests", () => {
  it("are tidied of spaces and control characters", () => {
    expect(tidyInterest("  board\t  games \u0007")).toBe("board games");
  });

  it("are cut to 32 characters, counting an emoji as one", () => {
    expect(Array.from(tidyInterest("🎸".repeat(40)))).toHaveLength(32);
  });

  it("are the same however they are composed, and empty if nothing of them can be seen", () => {
    expect(addInterests(["caf\u00e9"], "cafe\u0301, \u200b\u200d,\u3164")).toEqual(["caf\u00e9"]);
  });

  it("do not reorder the words around them", () => {
    const choice = { ...noChoice, interests: ["jazz", "שחמט"] };
    expect(summarize(choice, nameOf)).toBe("Into jazz, \u2068שחמט\u2069 · any language");
  });

  it("are separated by commas when pasted", () => {
    expect(addInterests([], "jazz, tea,,chess")).toEqual(["jazz", "tea", "chess"]);
  });

  it("are the same in upper and lower case", () => {
    expect(addInterests(["Jazz"], "jazz")).toEqual(["Jazz"]);
  });

  it("are at most ten", () => {
    expect(addInterests([], "a,b,c,d,e,f,g,h,i,j,k,l")).toHaveLength(10);
  });
});

describe("languages", () => {
  it("are switched on and off", () => {
    expect(toggleLanguage(["en"], "de")).toEqual(["en", "de"]);
    expect(toggleLanguage(["en", "de"], "en")).toEqual(["de"]);
  });

  it("are at most five", () => {
    expect(toggleLanguage(["a", "b", "c", "d", "e"], "f")).toHaveLength(5);
  });

  it("are suggested from the browser, each once and without regions", () => {
    expect(suggestLanguages(["pt-BR", "en-US", "en", "x-klingon"])).toEqual(["pt", "en"]);
  });

  it("have names, sorted", () => {
    const names = listLanguages(["is"]).map(({ name }) => name);
    expect(names).toContain("Icelandic");
    expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b)));
  });

  it("are shown by code if they have no known name", () => {
    expect(nameOf("zzz")).toBe("zzz");
  });
});

describe("what was chosen", () => {
  it("is remembered", () => {
    const kept = shelf();
    remember(kept, { interests: ["jazz"], languages: ["en"], relayOnly: true });
    expect(recall(kept)).toEqual({ interests: ["jazz"], languages: ["en"], relayOnly: true });
  });

  it("is empty when what was kept is damaged", () => {
    expect(recall(shelf("{"))).toEqual(noChoice);
    expect(recall(shelf("[1]"))).toEqual(noChoice);
  });

  it("is brought back within bounds", () => {
    const kept = shelf(
      JSON.stringify({ interests: [" a ", 3, "A"], languages: ["en", "en", "English"], relayOnly: 1 }),
    );
    expect(recall(kept)).toEqual({ interests: ["a"], languages: ["en"], relayOnly: false });
  });

  it("is summarized in a line", () => {
    expect(summarize(noChoice, nameOf)).toBe("Anyone · any language");
    const choice = { interests: ["jazz"], languages: ["en", "de"], relayOnly: true };
    expect(summarize(choice, nameOf)).toBe("Into jazz · English or German · relayed");
  });
});
