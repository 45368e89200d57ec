import { limits } from "./limits.js";

/**
 * Which queues a ticket waits in and which it searches.
 *
 * A pool is a queue of tickets, longest wait first, named by a tag and a language. A ticket waits in a pool for every
 * tag × language it can be found under, so a search reads only the heads of a bounded number of pools: pairing costs
 * the same however many tickets wait. Every ticket in a searched pool fits, except for avoided partners.
 */
export interface Preferences {
  /** Optional; lower case, sorted, unique. */
  interests: readonly string[];
  /** Required; lower case, sorted, unique. */
  languages: readonly string[];
  relayOnly: boolean;
}

export type PoolKey = string;

export interface Placement {
  /** Pools that the ticket waits in. */
  waitIn: readonly PoolKey[];
  /** Pools that it searches, by tier: the first tier with a match decides. */
  seekIn: readonly (readonly PoolKey[])[];
}

const ANYONE = "*";
const EVERY_LANGUAGE = "*";
const NO_LANGUAGE = "-";

/** Normalizes spelling and order, so that equal preferences are equal values. Idempotent. */
export function normalize(preferences: Preferences): Preferences {
  return {
    interests: unique(preferences.interests.map(fold)),
    languages: unique(preferences.languages.map((code) => code.toLowerCase())),
    relayOnly: preferences.relayOnly,
  };
}

/**
 * The pools of a ticket. `widened` adds the pools of tickets that match anyone; those without interests always wait
 * there.
 */
export function place(preferences: Preferences, widened: boolean): Placement {
  const tags = preferences.interests.map((interest) => `#${interest}`);
  const open = widened || tags.length === 0;
  const { languages } = preferences;
  const waitUnder = [EVERY_LANGUAGE, ...(languages.length > 0 ? languages : [NO_LANGUAGE])];
  const seekUnder = languages.length > 0 ? [...languages, NO_LANGUAGE] : [EVERY_LANGUAGE];
  return {
    waitIn: cross(open ? [...tags, ANYONE] : tags, waitUnder),
    seekIn: [cross(tags, seekUnder), open ? cross([ANYONE], seekUnder) : []].filter((tier) => tier.length > 0),
  };
}

/** The interests that both have, in order. */
export function sharedInterests(a: Preferences, b: Preferences): string[] {
  return a.interests.filter((interest) => b.interests.includes(interest));
}

function cross(tags: readonly string[], languages: readonly string[]): PoolKey[] {
  return tags.flatMap((tag) => languages.map((language) => `${tag}|${language}`));
}

/** Characters that neither show nor, like a zero-width joiner or a variation selector, change what does. */
const UNSEEN =
  /(?![\u200c\u200d\ufe00-\ufe0f\u{e0020}-\u{e007f}\u{e0100}-\u{e01ef}])\p{Default_Ignorable_Code_Point}/gu;
const BLANK = /^[\p{White_Space}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/**
 * Returns the form that all spellings of an interest share: composed or not, wide or narrow, in any case. May be empty.
 * Some characters expand to many, so the result is cut to the length that an interest may have.
 */
function fold(interest: string): string {
  if (/^[\x21-\x7e]*$/.test(interest)) return interest.toLowerCase();
  const seen = interest.normalize("NFKC").toLowerCase().normalize("NFKC").replace(UNSEEN, "");
  if (BLANK.test(seen)) return "";
  const oneLine = seen.replace(/\p{White_Space}+/gu, " ").trim();
  return Array.from(oneLine).slice(0, limits.interestCharacters).join("").trim();
}

/** Each word once, in order, without empty ones. */
function unique(words: readonly string[]): string[] {
  return [...new Set(words)].filter((word) => word !== "").sort();
}
