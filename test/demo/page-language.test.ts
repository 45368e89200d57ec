import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  directionOf,
  localeOf,
  preferredLanguage,
  recallLanguage,
  rememberLanguage,
  speakLanguage,
} from "../../src/demo/page-language.js";
import { formatNumber, say, sayAround, sayCount, sentences, speak, spokenLocale } from "../../src/demo/say.js";
import { parseSats } from "../../src/demo/tips.js";
import { clock, sats } from "../../src/demo/words.js";

afterEach(() => speak());

describe("the language of the page", () => {
  it.each([
    [["pt-PT", "en"], "pt"],
    [["x-klingon", "nl", "de-AT", "en"], "de"],
    [["nl"], "en"],
    [[], "en"],
    [["en-GB", "de"], "en"],
  ])("for %j is %s", (tags, language) => {
    expect(preferredLanguage(tags)).toBe(language);
  });

  it("is read from right to left in Arabic alone", () => {
    expect([directionOf("ar"), directionOf("de")]).toEqual(["rtl", "ltr"]);
  });

  it("keeps the region of the browser for numbers and dates", () => {
    expect([localeOf("de", ["en", "de-CH"]), localeOf("de", ["en"])]).toEqual(["de-CH", "de"]);
  });

  it("is kept, unless what was kept is no language of the page", () => {
    const items = new Map<string, string>();
    const shelf = {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
      removeItem: (key: string) => void items.delete(key),
    };
    rememberLanguage(shelf, "fr");
    expect(recallLanguage(shelf)).toBe("fr");
    for (const key of items.keys()) items.set(key, "tlh");
    expect(recallLanguage(shelf)).toBeNull();
    rememberLanguage(shelf, null);
    expect(items.size).toBe(0);
  });

  it("is the one that was asked for last, whichever words arrive first", async () => {
    const all = await Promise.all([speakLanguage("ja", []), speakLanguage("de", ["de-CH"])]);
    expect(all).toEqual([false, true]);
    expect(spokenLocale()).toBe("de-CH");
    expect(say("controls.next")).toBe("Weiter");
  });
});

describe("words", () => {
  it("leave a placeholder without a value, and format numbers", () => {
    expect(say("check.server.ok", { ms: 1_234 })).toBe("It answers in 1,234 ms.");
    expect(say("check.server.ok")).toContain("{ms}");
  });

  it("have a place for an element", () => {
    expect(sayAround("error.retryIn", "time")).toEqual(["You can try again in ", ""]);
  });

  it("follow each other without empty ones", () => {
    expect(sentences("", "One.", "", "Two.")).toBe("One. Two.");
  });

  it("follow each other without a space in Chinese", async () => {
    await speakLanguage("zh", []);
    expect(sentences("一。", "二。")).toBe("一。二。");
  });

  it.each([
    [1, "Ждёт 1 человек."],
    [3, "Ждут 3 человека."],
    [11, "Ждут 11 человек."],
    [21, "Ждёт 21 человек."],
  ])("take the plural of %i in Russian", async (count, words) => {
    await speakLanguage("ru", []);
    expect(sayCount("wait.people", count)).toBe(words);
  });
});

describe("numbers", () => {
  const terms = { network: "regtest", minMsat: 1_000, maxMsat: 5_000_000, maxCommentCharacters: 140 } as const;

  it("have the digits of Arabic", async () => {
    await speakLanguage("ar", ["ar-EG"]);
    expect(clock(62_000)).toBe("١:٠٢");
    expect(formatNumber(1_500)).toBe("١٬٥٠٠");
    expect(sats(21_000)).toContain("٢١");
  });

  it.each(["٥٠٠", "۵۰۰", "५००", "５００"])("are understood when typed as %s", (typed) => {
    expect(parseSats(typed, terms)).toEqual({ amountMsat: 500_000 });
  });

  describe("in German", () => {
    beforeEach(() => speakLanguage("de", []));

    it("have groups with a dot, and decimals with a comma, which no tip has", () => {
      expect(parseSats("1.000", terms)).toEqual({ amountMsat: 1_000_000 });
      for (const typed of ["1,5", "1.5", "10.00"]) expect(parseSats(typed, terms)).toHaveProperty("problem");
    });
  });
});
