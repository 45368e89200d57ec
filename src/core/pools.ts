/**
 * Which queues a ticket stands in and which it looks into.
 *
 * A pool is a queue of tickets, longest wait first, named by a tag and a language. A ticket stands in a pool of every
 * tag × language it can be met under, so that whoever looks needs only the heads of a bounded number of pools: pairing
 * costs the same however many wait. Everyone found in a pool one looks into fits, but for avoided partners.
 */
export interface Preferences {
  /** Soft; lower case, sorted, without repetition. */
  interests: readonly string[];
  /** Hard; lower case, sorted, without repetition. */
  languages: readonly string[];
  relayOnly: boolean;
}

export type PoolKey = string;

export interface Placement {
  /** Pools the ticket stands in. */
  waitIn: readonly PoolKey[];
  /** Pools it looks into, tier by tier: the first tier with somebody in it decides. */
  seekIn: readonly (readonly PoolKey[])[];
}

const ANYONE = "*";
const EVERY_LANGUAGE = "*";
const NO_LANGUAGE = "-";

/** Folds case and order, so that equal wishes are equal values. */
export function normalize(preferences: Preferences): Preferences {
  return {
    interests: fold(preferences.interests),
    languages: fold(preferences.languages),
    relayOnly: preferences.relayOnly,
  };
}

/**
 * The pools of a ticket. `widened` adds the pools of people for whom anyone will do; whoever names no interest is
 * among them from the start.
 */
export function place(preferences: Preferences, widened: boolean): Placement {
  const tags = preferences.interests.map((interest) => `#${interest}`);
  const open = widened || tags.length === 0;
  const { languages } = preferences;
  const standsUnder = [EVERY_LANGUAGE, ...(languages.length > 0 ? languages : [NO_LANGUAGE])];
  const looksUnder = languages.length > 0 ? [...languages, NO_LANGUAGE] : [EVERY_LANGUAGE];
  return {
    waitIn: cross(open ? [...tags, ANYONE] : tags, standsUnder),
    seekIn: [cross(tags, looksUnder), open ? cross([ANYONE], looksUnder) : []].filter((tier) => tier.length > 0),
  };
}

/** The interests two people both named, in order. */
export function sharedInterests(a: Preferences, b: Preferences): string[] {
  return a.interests.filter((interest) => b.interests.includes(interest));
}

function cross(tags: readonly string[], languages: readonly string[]): PoolKey[] {
  return tags.flatMap((tag) => languages.map((language) => `${tag}|${language}`));
}

function fold(words: readonly string[]): string[] {
  return [...new Set(words.map((word) => word.trim().toLowerCase()))].sort();
}
