import { type Attribute, type AttributeValues, isBlank, type Preferences, type TipTerms } from "@satoshigle/client";
import { known, nameOfAttribute, nameOfValue } from "./attributes.js";
import { isolate } from "./bidi.js";
import type { MediaMode } from "./media.js";
import { formatList, say } from "./say.js";

/** The user's choices, as edited in the form. */
export interface Choice {
  interests: string[];
  languages: string[];
  relayOnly: boolean;
  /** What the user is, and whom it seeks, by the names of the server's attributes. */
  attributes: AttributeValues;
  filters: AttributeValues;
  /** What to ask a partner for a minute, in millisatoshis. */
  priceMsat?: number;
}

export const limits = { interests: 10, interestCharacters: 32, languages: 5 } as const;
export const noChoice: Choice = { interests: [], languages: [], relayOnly: false, attributes: {}, filters: {} };

/** Normalizes an interest to what the server accepts. Returns an empty string if nothing of it can be seen. */
export function tidyInterest(text: string): string {
  if (isBlank(text)) return "";
  const oneLine = text
    .normalize("NFKC")
    .replace(/[\p{Cc},\s]+/gu, " ")
    .trim();
  return Array.from(oneLine).slice(0, limits.interestCharacters).join("").trim();
}

/** Adds typed or pasted interests, separated by commas or line breaks. Duplicates are found regardless of case. */
export function addInterests(interests: readonly string[], typed: string): string[] {
  const all = [...interests];
  for (const part of typed.split(/[,\n]/)) {
    const interest = tidyInterest(part);
    const known = all.some((other) => other.toLowerCase() === interest.toLowerCase());
    if (interest && !known && all.length < limits.interests) all.push(interest);
  }
  return all;
}

/** Adds or removes a language, up to the server's limit. */
export function toggleLanguage(languages: readonly string[], code: string): string[] {
  if (languages.includes(code)) return languages.filter((other) => other !== code);
  return languages.length < limits.languages ? [...languages, code] : [...languages];
}

/** Whether a choice is about interests and languages only, which every server knows. */
export function isPlain({ attributes, filters, priceMsat = 0 }: Choice): boolean {
  return Object.keys(attributes).length + Object.keys(filters).length + priceMsat === 0;
}

/** What the server is asked for: of the choice, what it knows, and what the user sends. */
export function toPreferences(
  choice: Choice,
  attributes: readonly Attribute[],
  mode: MediaMode,
  terms: TipTerms | null = null,
): Preferences {
  const { interests, languages, relayOnly, priceMsat = 0 } = choice;
  const hasPrice = terms !== null && priceMsat >= terms.minMsat && priceMsat <= terms.maxMsat;
  const own = known(choice.attributes, attributes);
  return {
    ...{ interests, languages, relayOnly, filters: known(choice.filters, attributes) },
    attributes: mode === "video" ? own : { ...own, mode: [mode] },
    ...(hasPrice && { priceMsatPerMinute: priceMsat }),
  };
}

/** A one-line summary such as "Anyone · any language". */
export function summarize(choice: Choice, nameOf: (code: string) => string): string {
  const interests = formatList(choice.interests.map(isolate), "unit");
  const who = choice.interests.length ? say("summary.interests", { interests }) : say("summary.anyone");
  const names = choice.languages.map((code) => nameOf(code));
  const speaks = names.length ? formatList(names, "disjunction") : say("summary.anyLanguage");
  const filters = Object.entries(choice.filters).map(([name, values]) => {
    return `${nameOfAttribute(name)}: ${formatList(
      values.map((value) => isolate(nameOfValue(name, value))),
      "disjunction",
    )}`;
  });
  return [who, speaks, ...filters, ...(choice.relayOnly ? [say("summary.relayed")] : [])].join(" · ");
}

const KEY = "satoshigle.preferences";
type Shelf = Pick<Storage, "getItem" | "setItem">;

/** Reads the stored choice. Drops invalid values. */
export function recall(shelf: Shelf): Choice {
  const kept = parse(read(shelf));
  const interests = texts(kept.interests).reduce<string[]>(addInterests, []);
  const languages = texts(kept.languages).filter((code) => /^[a-z]{2,3}$/.test(code));
  return {
    interests,
    languages: [...new Set(languages)].slice(0, limits.languages),
    relayOnly: kept.relayOnly === true,
    attributes: valuesIn(kept.attributes),
    filters: valuesIn(kept.filters),
    ...(isPrice(kept.priceMsat) && { priceMsat: kept.priceMsat }),
  };
}

export function remember(shelf: Shelf, choice: Choice): void {
  try {
    shelf.setItem(KEY, JSON.stringify(choice));
  } catch {
    // Storage is full or blocked: the choice lasts until the page closes.
  }
}

function read(shelf: Shelf): string {
  try {
    return shelf.getItem(KEY) ?? "{}";
  } catch {
    return "{}";
  }
}

function parse(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function isPrice(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function valuesIn(value: unknown): AttributeValues {
  if (typeof value !== "object" || value === null) return {};
  const entries = Object.entries(value).map(([name, values]): [string, string[]] => [name, texts(values)]);
  return Object.fromEntries(entries.filter(([, values]) => values.length > 0));
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
