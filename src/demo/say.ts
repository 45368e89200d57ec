import english from "./catalogue/en.json" with { type: "json" };

/** The words of a language: a sentence for each key, or its plural forms by the categories of `Intl.PluralRules`. */
export type Catalogue = Record<keyof typeof english, string | Readonly<Record<string, string>>>;

type KeysOf<Words> = { [Key in keyof Words]: Words[Key] extends string ? Key : never }[keyof Words];
/** Keys of sentences without plural forms. */
export type Key = KeysOf<typeof english>;
/** Keys of sentences with plural forms. */
export type PluralKey = Exclude<keyof typeof english, Key>;

/** What replaces the placeholders of a sentence. Numbers are formatted. */
export type Values = Readonly<Record<string, string | number>>;

interface Voice {
  /** A tag for `Intl`, with the region of the browser if it has one: `pt-PT`. */
  locale: string;
  catalogue: Catalogue;
}

const ENGLISH: Voice = { locale: "en", catalogue: english };
let voice = ENGLISH;

/** Sets the language of all words and numbers from now on. Without arguments, English. */
export function speak(locale = ENGLISH.locale, catalogue: Catalogue = ENGLISH.catalogue): void {
  voice = { locale, catalogue };
}

/** The tag for `Intl` of what is spoken. */
export function spokenLocale(): string {
  return voice.locale;
}

export function say(key: Key, values: Values = {}): string {
  const text = voice.catalogue[key];
  return fill(typeof text === "string" ? text : "", values);
}

/** Says the plural form for `count`, which is a placeholder of its own. */
export function sayCount(key: PluralKey, count: number, values: Values = {}): string {
  const forms = voice.catalogue[key];
  if (typeof forms === "string") return fill(forms, { count, ...values });
  const form = forms[new Intl.PluralRules(voice.locale).select(count)] ?? forms.other ?? "";
  return fill(form, { count, ...values });
}

/** The text before and after a placeholder, for an element between them. */
export function sayAround(key: Key, placeholder: string): [before: string, after: string] {
  const [before = "", after = ""] = say(key).split(`{${placeholder}}`);
  return [before, after];
}

/** Joins sentences, leaving out empty ones. Some languages have no space between two sentences. */
export function sentences(...all: string[]): string {
  return all.filter(Boolean).reduce((first, second) => (first ? say("sentences", { first, second }) : second), "");
}

export function formatNumber(value: number, options: Intl.NumberFormatOptions = {}): string {
  return new Intl.NumberFormat(voice.locale, options).format(value);
}

/** "jazz and tea" as a conjunction, "jazz or tea" as a disjunction, "jazz, tea" as a unit. */
export function formatList(items: readonly string[], type: Intl.ListFormatType): string {
  return new Intl.ListFormat(voice.locale, { type, style: type === "unit" ? "short" : "long" }).format(items);
}

export function formatTime(atMs: number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(voice.locale, options).format(atMs);
}

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = values[name];
    return typeof value === "number" ? formatNumber(value) : (value ?? placeholder);
  });
}
