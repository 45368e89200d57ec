import {
  countryAttribute,
  interestsAttribute,
  languagesAttribute,
  type MatchingSchema,
  modeAttribute,
  MODES,
  quarantineAttribute,
} from "../../src/core/matching-schema.js";
import type { MatchPreferences } from "../../src/core/ticket.js";
import { type Random, Weighted, zipf } from "./distributions.js";
import { crowdModel } from "./model.js";

/** The classes of people whose waits are compared. A person belongs to the last one that fits. */
export const CLASSES = [
  "no filter",
  "language only",
  "interests",
  "soft filter",
  "strict filter",
  "small language",
] as const;
export type PersonClass = (typeof CLASSES)[number];

/** A person as it arrives. */
export interface Person {
  kind: PersonClass;
  wanted: MatchPreferences;
  /** The country of its address, as the server finds it. */
  country: string;
  seeksCountry: boolean;
}

/** Draws the next person. */
export type Crowd = (random: Random) => Person;

/** Interests, languages and the mode, and the country as a filter that gives way last. */
export function schemaFor(widenAfterMs: number): MatchingSchema {
  const givesWayAfterMs = widenAfterMs * crowdModel.softFilterFactor;
  return {
    attributes: [
      interestsAttribute(widenAfterMs),
      languagesAttribute,
      modeAttribute,
      { ...countryAttribute, givesWayAfterMs, isShared: true },
      quarantineAttribute,
    ],
    priorityClassMs: 10_000,
  };
}

const languages = new Weighted(crowdModel.languages);
const countries = new Weighted(zipf(crowdModel.countries));
const interests = new Weighted(zipf(crowdModel.interests));
const modes = new Weighted(crowdModel.modes);

export const standardCrowd: Crowd = (random) => {
  const language = random() < crowdModel.noLanguageShare ? undefined : languages.draw(random);
  const country = code(countries.draw(random));
  const mode = MODES[modes.draw(random)] ?? "video";
  const named = random() < crowdModel.interestsShare ? drawInterests(random) : [];
  const isStrict = random() < crowdModel.strictFilterShare;
  const seeksCountry = random() < crowdModel.softFilterShare;
  const isSmall = language !== undefined && (crowdModel.languages[language] ?? 0) < crowdModel.smallLanguagePercent;
  const wanted: MatchPreferences = {
    preferences: { interests: named, languages: language === undefined ? [] : [code(language)], relayOnly: false },
    rematch: true,
    attributes: mode === "video" ? [] : [["mode", [mode]]],
    filters: [
      ...(isStrict ? [["mode", [mode]] as const] : []),
      ...(seeksCountry ? [["country", [country]] as const] : []),
    ],
  };
  const traits = [true, language !== undefined, named.length > 0, seeksCountry, isStrict, isSmall];
  return { kind: CLASSES[traits.lastIndexOf(true)] ?? "no filter", wanted, country, seeksCountry };
};

function drawInterests(random: Random): string[] {
  const count = 1 + Math.floor(random() * crowdModel.mostInterests);
  return [...new Set(Array.from({ length: count }, () => `interest ${String(interests.draw(random))}`))];
}

/** A code of two letters. */
function code(index: number): string {
  return String.fromCharCode(97 + Math.floor(index / 26), 97 + (index % 26));
}
