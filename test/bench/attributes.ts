import type { Attribute, MatchingSchema } from "../../src/core/matching-schema.js";
import { defaultSchema } from "../../src/core/matching-schema.js";
import type { MatchPreferences } from "../../src/core/ticket.js";

const VALUES = {
  mode: ["video", "audio", "text"],
  country: ["at", "ch", "de", "es", "fr", "gb", "it", "pl"],
  gender: ["f", "m", "x"],
  level: ["high", "low", "middle"],
  age: ["18-29", "30-49", "50-99"],
} as const;
const names = Object.keys(VALUES) as (keyof typeof VALUES)[];

/** Five attributes with a filter each, of which two give way. */
export const attributeSchema: MatchingSchema = {
  attributes: [
    ...defaultSchema(5_000).attributes.filter(({ name }) => name === "quarantine"),
    ...names.map((name, index): Attribute => ({
      ...{ name, values: VALUES[name], saidBy: ["client"], fallback: undefined, maxValues: 1, isMutual: false },
      ...{ isSought: true, acceptsUnknown: false, isShared: false },
      givesWayAfterMs: index < 2 ? 600_000 * (index + 1) : undefined,
    })),
  ],
  priorityClassMs: 10_000,
};

/** A person whom the counterpart of the same number fits, and its counterpart, who waits. */
export interface Counterparts {
  waits: MatchPreferences;
  seeks: MatchPreferences;
}

type Chosen = Record<string, string[]>;

/**
 * People with all five attributes and filters for up to three of them, one for two values. Those who wait do not fit each
 * other: a filter of theirs accepts nobody of their own kind. Each has a counterpart.
 */
export function counterparts(index: number): Counterparts {
  const pick = (name: keyof typeof VALUES, by: number) =>
    VALUES[name][Math.floor(index / by) % VALUES[name].length] ?? "";
  const [mode, country, level, age] = [pick("mode", 1), pick("country", 3), pick("level", 5), pick("age", 7)];
  const own: Chosen = { mode: [mode], country: [country], gender: ["m"], level: [level], age: [age] };
  const sought: Chosen = { gender: index % 3 === 0 ? ["f", "x"] : ["f"] };
  const filters = [
    ["mode", mode] as const,
    ["country", country] as const,
    ["level", level] as const,
    ["age", age] as const,
  ];
  for (const [place, [name, value]] of filters.entries()) if ((index >> place) % 2 === 0) sought[name] = [value];
  const theirs: Chosen = { ...own, gender: ["f"] };
  return { waits: wishOf(own, sought), seeks: wishOf(theirs, { gender: ["m"] }) };
}

function wishOf(own: Chosen, sought: Chosen): MatchPreferences {
  const preferences = { interests: [], languages: [], relayOnly: false };
  return { preferences, rematch: false, attributes: Object.entries(own), filters: Object.entries(sought) };
}
