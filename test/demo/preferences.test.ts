import { describe, expect, it } from "vitest";
import { toggleValue } from "../../src/demo/attributes.js";
import { listLanguages, nameOf, suggestLanguages } from "../../src/demo/languages.js";
import {
  addInterests,
  noChoice,
  recall,
  remember,
  summarize,
  tidyInterest,
  toggleLanguage,
  toPreferences,
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
    const choice = {
      ...noChoice,
      interests: ["jazz"],
      languages: ["en"],
      relayOnly: true,
      filters: { mode: ["text"] },
    };
    remember(kept, choice);
    expect(recall(kept)).toEqual(choice);
  });

  it("is empty when what was kept is damaged", () => {
    expect(recall(shelf("{"))).toEqual(noChoice);
    expect(recall(shelf("[1]"))).toEqual(noChoice);
  });

  it("is brought back within bounds", () => {
    const kept = shelf(
      JSON.stringify({
        interests: [" a ", 3, "A"],
        languages: ["en", "en", "English"],
        relayOnly: 1,
        filters: { a: 1 },
      }),
    );
    expect(recall(kept)).toEqual({ ...noChoice, interests: ["a"], languages: ["en"] });
  });

  it("is summarized in a line", () => {
    expect(summarize(noChoice, nameOf)).toBe("Anyone · any language");
    const choice = { ...noChoice, interests: ["jazz"], languages: ["en", "de"], relayOnly: true };
    expect(summarize(choice, nameOf)).toBe("Into jazz · English or German · relayed");
  });
});

describe("what the server is asked for", () => {
  const attribute = { saidByClient: true, filterable: true, mutual: false, maxValues: 1, defaultValue: "" };
  const level = { ...attribute, name: "level", values: ["high", "low"] };
  const country = { ...attribute, name: "country", values: [], saidByClient: false };
  const choice = {
    ...noChoice,
    attributes: { level: ["high", "gone"], shoe_size: ["44"] },
    filters: { country: ["de"], level: ["gone"] },
  };

  it("is what it matches by, and what the user sends", () => {
    const asked = toPreferences(choice, [level, country], "text");
    expect(asked.attributes).toEqual({ level: ["high"], mode: ["text"] });
    expect(asked.filters).toEqual({ country: ["de"] });
    expect(toPreferences(choice, [], "video")).toEqual({ ...noChoice });
  });

  it("has as many values as the server allows, the newest ones", () => {
    expect(toggleValue({ level: ["high"] }, "level", "low", 1)).toEqual({ level: ["low"] });
    expect(toggleValue({ level: ["high"] }, "level", "low")).toEqual({ level: ["high", "low"] });
    expect(toggleValue({ level: ["high"] }, "level", "high")).toEqual({});
  });
});
