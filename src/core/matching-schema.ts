import { limits } from "./limits.js";

/** Who may say what a person is: the client, the app in an identity token, or the server. */
export const SOURCES = ["client", "app", "server"] as const;
export type Source = (typeof SOURCES)[number];

/** What people are matched by. */
export interface MatchingSchema {
  /** In the order in which soft filters give way when their times are equal. */
  attributes: readonly Attribute[];
  /**
   * A class of priority is worth this much waiting time, in milliseconds. So a ticket rises by a class whenever it has
   * waited this long, and one that arrives nine of these times later stands behind it, whatever its class.
   */
  priorityClassMs: number;
}

/** Something that people are, and may seek in partners. */
export interface Attribute {
  name: string;
  /** The possible values; undefined if any text is one. */
  values: readonly string[] | undefined;
  saidBy: readonly Source[];
  /** The value of people of whom none is known; undefined for none. */
  fallback: string | undefined;
  /** How many values a person may have, and may seek. */
  maxValues: number;
  /** Whether people seek what they are, as interests and languages; else they seek by a filter. */
  isMutual: boolean;
  /** Whether people can seek by it. If not, it is only told to partners. */
  isSought: boolean;
  /** Whether a filter accepts people of whom no value is known. */
  acceptsUnknown: boolean;
  /** After how many milliseconds of waiting its filter no longer counts; undefined if it always does. */
  givesWayAfterMs: number | undefined;
  /** Whether partners learn the values that both have. */
  isShared: boolean;
}

/** What a person sends and accepts. A client that says nothing sends video. */
export const MODES = ["video", "audio", "text"] as const;
export type Mode = (typeof MODES)[number];

/** People whom the app quarantines meet only each other. */
export const QUARANTINE = "quarantine";
export const QUARANTINED = "yes";

const hard = {
  ...{ fallback: undefined, isSought: true, acceptsUnknown: false, givesWayAfterMs: undefined, isShared: false },
} as const;

/** Interests: at first a partner who shares one, later anyone. */
export function interestsAttribute(givesWayAfterMs: number | undefined): Attribute {
  const name = "interests";
  const { interests: maxValues } = limits;
  return { ...hard, name, values: undefined, saidBy: ["client"], maxValues, isMutual: true, givesWayAfterMs };
}

/** Languages: two people who both name some share one; a person who names none talks with everyone. */
export const languagesAttribute: Attribute = {
  ...{ ...hard, name: "languages", values: undefined, saidBy: ["client"], maxValues: limits.languages },
  ...{ isMutual: true, acceptsUnknown: true },
};

export const modeAttribute: Attribute = {
  ...{ ...hard, name: "mode", values: MODES, saidBy: ["client"], fallback: "video", maxValues: 1, isMutual: false },
};

export const quarantineAttribute: Attribute = {
  ...{ ...hard, name: QUARANTINE, values: [QUARANTINED], saidBy: ["server"], maxValues: 1, isMutual: true },
};

/** The country of a caller's address, as a code of two letters (ISO 3166-1). */
export const countryAttribute: Attribute = {
  ...{ ...hard, name: "country", values: undefined, saidBy: ["server"], maxValues: 1, isMutual: false },
};

/** What people are matched by unless the operator says otherwise. The mode is only told. */
export function defaultSchema(widenAfterMs: number): MatchingSchema {
  return {
    attributes: [
      interestsAttribute(widenAfterMs),
      languagesAttribute,
      { ...modeAttribute, fallback: undefined, isSought: false },
      quarantineAttribute,
    ],
    priorityClassMs: 10_000,
  };
}

/** What determines the pools of a person: instances that share a lobby must agree on it. */
export function structureOf({ attributes }: MatchingSchema): string {
  return JSON.stringify(
    attributes.map(({ name, values, fallback, isMutual, isSought, acceptsUnknown }) => {
      return [name, values, fallback, isMutual, isSought, acceptsUnknown];
    }),
  );
}

/** Whether a person's mode is binding, as people can seek by it. Otherwise it is only told, and may change in a call. */
export function isModeBinding(schema: MatchingSchema): boolean {
  return attributeNamed(schema, "mode")?.isSought ?? false;
}

export function attributeNamed(schema: MatchingSchema, name: string): Attribute | undefined {
  return schema.attributes.find((attribute) => attribute.name === name);
}
