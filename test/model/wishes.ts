import fc from "fast-check";
import { DomainError } from "../../src/core/errors.js";
import type { SessionId, TicketId } from "../../src/core/ids.js";
import {
  type Attribute,
  defaultSchema,
  interestsAttribute,
  languagesAttribute,
  type MatchingSchema,
  quarantineAttribute,
} from "../../src/core/matching-schema.js";
import type { Restriction, Standing } from "../../src/core/standing.js";
import { issueTicket, type MatchPreferences, type Ticket } from "../../src/core/ticket.js";
import { timing } from "./reference.js";

/** A request for a partner, and what is known about the one who makes it. */
export interface Wish extends MatchPreferences {
  standing?: Standing | undefined;
}

const preferences = fc.record({
  interests: fc.subarray(["chess", "music", "ü"]),
  languages: fc.subarray(["de", "en"]),
  relayOnly: fc.boolean(),
});

/** The ticket of a wish; undefined if it would have too many pools. */
export function ticketFor(
  id: TicketId,
  sessionId: SessionId,
  wish: Wish,
  nowMs: number,
  schema: MatchingSchema,
): Ticket | undefined {
  try {
    return issueTicket(id, sessionId, wish, nowMs, schema, wish);
  } catch (error) {
    if (error instanceof DomainError && error.message.includes("combinations")) return undefined;
    throw error;
  }
}

/** Wishes by interests and languages. */
export const plainWish: fc.Arbitrary<Wish> = fc.record({ preferences, rematch: fc.boolean() });

const VALUES = { gender: ["f", "m", "x"], level: ["high", "low"] } as const;
const names = ["gender", "level"] as const;

/** Times at which filters give way: equal ones, and ones that are far apart. */
const afterMs = fc.constantFrom(undefined, 2_400, timing.widenMs, timing.widenMs, 9_600);

function attribute(name: (typeof names)[number]): fc.Arbitrary<Attribute> {
  return fc.record({
    name: fc.constant(name),
    values: fc.constantFrom<readonly string[] | undefined>(VALUES[name], undefined),
    saidBy: fc.constant(["client"] as const),
    fallback: fc.constantFrom(undefined, undefined, VALUES[name][0]),
    maxValues: fc.constant(2),
    isMutual: fc.boolean(),
    isSought: fc.constantFrom(true, true, true, false),
    acceptsUnknown: fc.boolean(),
    givesWayAfterMs: afterMs,
    isShared: fc.boolean(),
  });
}

const languages = fc.record({ acceptsUnknown: fc.boolean(), givesWayAfterMs: afterMs }).map((kind) => ({
  ...languagesAttribute,
  ...kind,
  isShared: true,
}));

/** Schemas with some of the attributes, in any order. */
const randomSchema: fc.Arbitrary<MatchingSchema> = fc
  .tuple(afterMs.map(interestsAttribute), languages, attribute("gender"), attribute("level"))
  .chain((all) => fc.shuffledSubarray([...all, quarantineAttribute], { minLength: 1 }))
  .chain((attributes) =>
    fc.record({ attributes: fc.constant(attributes), priorityClassMs: fc.constantFrom(1_000, 30_000) }),
  );

export const schemas = { usual: fc.constant(defaultSchema(timing.widenMs)), random: randomSchema };

const richWish = fc.record({
  preferences,
  rematch: fc.boolean(),
  own: fc.tuple(...names.map((name) => fc.subarray([...VALUES[name]], { maxLength: 2 }))),
  sought: fc.tuple(...names.map((name) => fc.subarray([...VALUES[name]], { maxLength: 2 }))),
  standing: fc.record({
    attributes: fc.constant([]),
    priority: fc.constantFrom(0, 0, 1, 9),
    restrictions: fc.constantFrom<Restriction[][]>([], [], [], ["quarantine"]),
  }),
});

/** Wishes that a schema allows, apart from the number of their pools. */
export function wishIn(schema: MatchingSchema): fc.Arbitrary<Wish> {
  const find = (name: string) => schema.attributes.find((one) => one.name === name);
  return richWish.map(({ preferences: wanted, rematch, own, sought, standing }) => ({
    preferences: {
      interests: find("interests") ? wanted.interests : [],
      languages: find("languages") ? wanted.languages : [],
      relayOnly: wanted.relayOnly,
    },
    rematch,
    attributes: names.flatMap((name, index) => (find(name) ? [[name, own[index] ?? []] as const] : [])),
    filters: names.flatMap((name, index) => {
      const { isMutual = true, isSought = false } = find(name) ?? {};
      return !isMutual && isSought ? [[name, sought[index] ?? []] as const] : [];
    }),
    standing,
  }));
}
