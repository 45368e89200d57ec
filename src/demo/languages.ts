import { spokenLocale } from "./say.js";

/** The most widely spoken languages and those most common on the web. */
const COMMON =
  "ar bg bn ca cs da de el en es et fa fi fil fr he hi hr hu id it ja ko lt lv ms nl no pl pt ro ru sk sl sr sv sw ta th tr uk ur vi zh";

/** A language with its name in the language of the page and its native name. */
export interface Language {
  code: string;
  name: string;
  ownName: string;
}

/** The two- or three-letter code of a language tag: `pt` for `pt-BR`. */
export function codeOf(tag: string): string | undefined {
  const code = tag.split("-")[0]?.toLowerCase();
  return code && /^[a-z]{2,3}$/.test(code) ? code : undefined;
}

/** The codes of the browser's languages in order of preference, without duplicates. */
export function suggestLanguages(tags: readonly string[]): string[] {
  const codes = tags.map(codeOf).filter((code) => code !== undefined);
  return [...new Set(codes)];
}

/** The name of a language, in that of the page by default; its code if the browser does not know the name. */
export function nameOf(code: string, inLanguage = spokenLocale()): string {
  try {
    return new Intl.DisplayNames([inLanguage], { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** All languages, sorted by name; `also` adds those of the browser. */
export function listLanguages(also: readonly string[]): Language[] {
  const codes = new Set([...COMMON.split(" "), ...also]);
  const all = [...codes].map((code) => ({ code, name: nameOf(code), ownName: nameOf(code, code) }));
  return all.sort((a, b) => a.name.localeCompare(b.name, spokenLocale()));
}
