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

/** Normalizes case and order, so that equal preferences are equal values. */
export function normalize(preferences: Preferences): Preferences {
  return {
    interests: fold(preferences.interests),
    languages: fold(preferences.languages),
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

function fold(words: readonly string[]): string[] {
  return [...new Set(words.map((word) => word.trim().toLowerCase()))].sort();
}
