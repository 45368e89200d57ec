import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SYMBOLS } from "../../src/client/in-call/safety-symbols.js";
import { pageLanguages } from "../../src/demo/page-language.js";

type Words = Record<string, string | Record<string, string>>;

const FOLDER = "src/demo/catalogue";
const read = (language: string) => JSON.parse(readFileSync(`${FOLDER}/${language}.json`, "utf8")) as Words;
const english = read("en");

const placeholdersOf = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort();
const formsOf = (words: string | Record<string, string> | undefined) =>
  typeof words === "string" ? [words] : Object.values(words ?? {});

/** Keys whose words are the same in English and another language, because they are names, units or signs. */
const SAME_ANYWHERE =
  /^(sentences|sats|sats\.unit|key\.escape|tip\.withComment|quality\.(summary|frames|rate|roundTrip))$/;

/** Whether a plural form stands for one number alone, so that the number may be left out. */
function isOfOneNumber(language: string, category: string): boolean {
  const rules = new Intl.PluralRules(language);
  return (
    Array.from({ length: 1_000 }, (_, number) => rules.select(number)).filter((one) => one === category).length === 1
  );
}

it("has a file for each language of the page, and no other", () => {
  expect(readdirSync(FOLDER).sort()).toEqual(pageLanguages.map((language) => `${language}.json`));
  expect(pageLanguages.length).toBeGreaterThanOrEqual(10);
});

it("names the symbols of the safety code as the client does", () => {
  expect(formsOf(english["safety.symbols"]).join().split("|")).toEqual(SYMBOLS.map(({ name }) => name));
});

describe.each(pageLanguages)("the words in %s", (language) => {
  const words = read(language);

  it("have a name of its own for each symbol of the safety code", () => {
    expect(new Set(formsOf(words["safety.symbols"]).join().split("|")).size).toBe(SYMBOLS.length);
  });

  it("have the keys of English, in its order", () => {
    expect(Object.keys(words)).toEqual(Object.keys(english));
  });

  it("have the placeholders of English", () => {
    const off = Object.keys(english).filter((key) => {
      const wanted = placeholdersOf(formsOf(english[key]).join(" "));
      return (
        typeof english[key] === "string" && String(placeholdersOf(formsOf(words[key]).join(" "))) !== String(wanted)
      );
    });
    expect(off).toEqual([]);
  });

  it("have the plural forms of the language, each with its number", () => {
    const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted();
    for (const [key, forms] of Object.entries(words)) {
      expect(typeof forms, key).toBe(typeof english[key]);
      if (typeof forms === "string") continue;
      expect(Object.keys(forms).sort(), key).toEqual(categories);
      const known = placeholdersOf(formsOf(english[key]).join(" "));
      for (const [category, text] of Object.entries(forms)) {
        const isShort = placeholdersOf(text).length === 0 && isOfOneNumber(language, category);
        if (!isShort) expect(placeholdersOf(text), `${key} ${category}`).toEqual(known);
      }
    }
  });

  it("are all there, and translated", () => {
    const empty = Object.keys(words).filter((key) => formsOf(words[key]).some((text) => text.trim() === ""));
    expect(empty).toEqual([]);
    if (language === "en") return;
    const same = Object.keys(words).filter((key) => !SAME_ANYWHERE.test(key) && words[key] === english[key]);
    const long = same.filter((key) => / (?!\{)/.test(formsOf(words[key]).join("")));
    expect(long).toEqual([]);
    expect(same.length, String(same)).toBeLessThan(16);
  });
});
