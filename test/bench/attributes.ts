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
/** With more countries, so that people can differ in what they are and seek. */
const wideValues: Record<keyof typeof VALUES, readonly string[]> = {
  ...VALUES,
  country: Array.from({ length: 512 }, (_, index) => `c${index.toString(36)}`),
};
const names = Object.keys(VALUES) as (keyof typeof VALUES)[];

/** Five attributes with a filter each, of which two give way. */
export const attributeSchema = schemaOf(VALUES);

/** The same with more countries. */
export const wideSchema = schemaOf(wideValues);

function schemaOf(values: Record<keyof typeof VALUES, readonly string[]>): MatchingSchema {
  const attributes = names.map((name, index): Attribute => ({
    ...{ name, values: values[name], saidBy: ["client"], fallback: undefined, maxValues: 1, isMutual: false },
    ...{ isSought: true, acceptsUnknown: false, isShared: false },
    givesWayAfterMs: index < 2 ? 600_000 * (index + 1) : undefined,
  }));
  const quarantine = defaultSchema(5_000).attributes.filter(({ name }) => name === "quarantine");
  return { attributes: [...quarantine, ...attributes], priorityClassMs: 10_000 };
}

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

/** Has no factor in common with the number of wishes, so its multiples are the numbers of all in a mixed order. */
const STRIDE = 1_234_567;

/**
 * People no two of whom who wait are alike: each has some attributes and the gender, and a filter for one value of each,
 * so that nobody stands in all the pools of another one. Those who wait do not fit each other. Each has a counterpart.
 */
export const strangers = (attributes: readonly (keyof typeof VALUES)[]) => (index: number) => {
  const valuesOf = attributes.map((name) => wideValues[name]);
  const wishes = valuesOf.reduce((product, { length }) => product * length, 1) ** 2;
  let rest = (index * STRIDE) % wishes;
  const next = (values: readonly string[]): string[] => {
    const value = values[rest % values.length] ?? "";
    rest = Math.floor(rest / values.length);
    return [value];
  };
  const draw = (): Chosen => Object.fromEntries(attributes.map((name) => [name, next(wideValues[name])]));
  const [own, sought] = [draw(), draw()];
  return {
    waits: wishOf({ ...own, gender: ["m"] }, { ...sought, gender: ["f"] }),
    seeks: wishOf({ ...sought, gender: ["f"] }, { ...own, gender: ["m"] }),
  };
};

function wishOf(own: Chosen, sought: Chosen): MatchPreferences {
  const preferences = { interests: [], languages: [], relayOnly: false };
  return { preferences, rematch: false, attributes: Object.entries(own), filters: Object.entries(sought) };
}
