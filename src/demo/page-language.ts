import { codeOf } from "./languages.js";
import { type Catalogue, speak } from "./say.js";

/** The languages of the page, each with a file in `catalogue`. English is part of the page; the others are loaded. */
const catalogues = {
  ar: () => import("./catalogue/ar.json", { with: { type: "json" } }),
  de: () => import("./catalogue/de.json", { with: { type: "json" } }),
  es: () => import("./catalogue/es.json", { with: { type: "json" } }),
  fr: () => import("./catalogue/fr.json", { with: { type: "json" } }),
  hi: () => import("./catalogue/hi.json", { with: { type: "json" } }),
  ja: () => import("./catalogue/ja.json", { with: { type: "json" } }),
  pt: () => import("./catalogue/pt.json", { with: { type: "json" } }),
  ru: () => import("./catalogue/ru.json", { with: { type: "json" } }),
  zh: () => import("./catalogue/zh.json", { with: { type: "json" } }),
} satisfies Record<string, () => Promise<{ default: Catalogue }>>;

export type PageLanguage = "en" | keyof typeof catalogues;

const loaded = Object.keys(catalogues) as (keyof typeof catalogues)[];
export const pageLanguages: readonly PageLanguage[] = ["en", ...loaded].sort() as PageLanguage[];

const RIGHT_TO_LEFT = new Set<PageLanguage>(["ar"]);

export function directionOf(language: PageLanguage): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr";
}

export function isPageLanguage(code: string | null | undefined): code is PageLanguage {
  return pageLanguages.some((language) => language === code);
}

/** The first of the browser's languages that the page has; otherwise English. */
export function preferredLanguage(tags: readonly string[]): PageLanguage {
  return tags.map(codeOf).find(isPageLanguage) ?? "en";
}

/** The browser's own tag for a language, whose region decides how numbers and dates are written. */
export function localeOf(language: PageLanguage, tags: readonly string[]): string {
  return tags.find((tag) => codeOf(tag) === language) ?? language;
}

let latest: PageLanguage | undefined;

/**
 * Loads the words of a language and speaks it, unless another one was asked for meanwhile.
 * @returns whether it is spoken now
 * @throws if the words cannot be loaded; the page goes on in the language it had
 */
export async function speakLanguage(language: PageLanguage, tags: readonly string[]): Promise<boolean> {
  latest = language;
  const catalogue = language === "en" ? undefined : (await catalogues[language]()).default;
  if (latest !== language) return false;
  speak(localeOf(language, tags), catalogue);
  return true;
}

const KEY = "satoshigle.language";
type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The language that the person chose, or null for that of the browser. */
export function recallLanguage(shelf: Shelf | null): PageLanguage | null {
  const kept = shelf?.getItem(KEY);
  return isPageLanguage(kept) ? kept : null;
}

export function rememberLanguage(shelf: Shelf | null, language: PageLanguage | null): void {
  try {
    if (language === null) shelf?.removeItem(KEY);
    else shelf?.setItem(KEY, language);
  } catch {
    // Storage is full: the choice lasts until the page closes.
  }
}
