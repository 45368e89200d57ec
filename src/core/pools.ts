import { type Criteria, type Said, valuesOf } from "./criteria.js";
import { DomainError } from "./errors.js";
import { limits } from "./limits.js";
import type { Attribute, MatchingSchema } from "./matching-schema.js";

/**
 * Which queues a ticket waits in and which it searches.
 *
 * A pool is a queue of tickets, the highest rank first. Two tickets fit when each one's filters accept what the other is.
 * The pools are chosen so that this needs no check: a ticket searches a pool if and only if it fits everyone who can
 * stand in it. So a search reads only the heads of a bounded number of pools, and pairing costs the same however many
 * tickets wait and whatever they seek. Only avoided partners can be in the way.
 *
 * For each attribute there are marks, and whether two people fit by it is whether one waits under a mark that the other
 * searches:
 *
 * - A mark of an attribute with a filter has two halves, what the waiting one is and what it seeks, of which each may be
 *   "any". A person waits under (what it is, and any) × (what it seeks, or any), and searches (what it seeks, or any) ×
 *   (what it is, and any). The halves meet exactly if both filters accept: if the seeker has a filter, the first half
 *   must be a value that it accepts, else it is "any", under which everyone waits. Likewise with the second half, the
 *   other way around. Either side alone would need as many marks as there are values for "any", so both share the work.
 * - What is mutual needs one half: two people share a value, or neither insists. It insists who has a value, unless its
 *   filter gave way. Where those without a value are accepted, they search a mark under which everyone waits.
 *
 * A pool is a combination of one mark of each attribute, so a ticket has as many as the product of its marks: twice as
 * many for each attribute that a person has, times the values that it seeks. The limit is on this product. Everything
 * about the other side is in the marks, so a filter that is wide costs the one who has it alone.
 *
 * A soft filter counts until its time has come. A ticket passes through stages, each with one such filter fewer, and
 * waits in the pools of its stage. It searches the tiers up to its stage, the one with all filters first, so that those
 * who fit best come first. A tier leaves out the pools of those before it.
 */
export type PoolKey = string;

/** What the pools of a ticket follow from. They are computed when they are needed, as a million tickets have many. */
export interface Plan {
  schema: MatchingSchema;
  criteria: Criteria;
  /** The soft filters in the order in which they give way. After each, the next stage begins. */
  soft: readonly SoftFilter[];
}

export interface SoftFilter {
  name: string;
  /** After how many milliseconds it gives way. */
  afterMs: number;
}

/** The marks of a person for one attribute. The empty one stands for "any" in both halves. */
export type Marks = readonly string[];

const ANY = "*";
const UNKNOWN = "-";
const OPEN = "+";

/** @throws DomainError `field_invalid` if a stage or a tier has too many pools */
export function planFor(schema: MatchingSchema, criteria: Criteria): Plan {
  const plan = { schema, criteria, soft: softFilters(schema, criteria) };
  for (let stage = 0; stage <= plan.soft.length; stage++) {
    const marks = marksIn(plan, stage);
    checkCount(
      marks.map(({ attribute, wait }) => ({ attribute, some: wait })),
      criteria.filters,
    );
    checkCount(
      marks.map(({ attribute, seek }) => ({ attribute, some: seek })),
      criteria.filters,
    );
  }
  return plan;
}

/** The marks under which a ticket waits in a stage, of each attribute. */
export function waitMarks(plan: Plan, stage: number): Marks[] {
  return marksIn(plan, stage).map(({ wait }) => wait);
}

/** The marks that a ticket searches in a tier, of each attribute. */
export function seekMarks(plan: Plan, tier: number): Marks[] {
  return marksIn(plan, tier).map(({ seek }) => seek);
}

/** The pools that a ticket waits in in a stage. */
export function waitPools(plan: Plan, stage: number): PoolKey[] {
  return cross(waitMarks(plan, stage));
}

/** The pools that a ticket searches in a tier, without those of the tiers before it. */
export function seekPools(plan: Plan, tier: number): PoolKey[] {
  const pools = cross(seekMarks(plan, tier));
  if (tier === 0) return pools;
  const before = new Set<PoolKey>();
  for (let index = 0; index < tier; index++) for (const key of cross(seekMarks(plan, index))) before.add(key);
  return pools.filter((key) => !before.has(key));
}

interface AttributeMarks {
  attribute: Attribute;
  wait: Marks;
  seek: Marks;
}

type Pair = Pick<AttributeMarks, "wait" | "seek">;

/** The marks of each attribute, without those that are only "any", when so many soft filters gave way. */
function marksIn({ schema, criteria, soft }: Plan, stage: number): AttributeMarks[] {
  const all: AttributeMarks[] = [];
  for (const attribute of schema.attributes) {
    if (!attribute.isSought) continue;
    const place = soft.findIndex(({ name }) => name === attribute.name);
    const { wait, seek } = marksOf(attribute, criteria, place < 0 || place >= stage);
    if (wait.length > 1 || seek.length > 1 || wait[0] !== "" || seek[0] !== "") all.push({ attribute, wait, seek });
  }
  return all;
}

function softFilters({ attributes }: MatchingSchema, { attributes: own, filters }: Criteria): SoftFilter[] {
  return attributes
    .flatMap(({ name, isMutual, isSought, givesWayAfterMs: afterMs }) => {
      const sought = valuesOf(isMutual ? own : filters, name);
      return isSought && afterMs !== undefined && sought.length > 0 ? [{ name, afterMs }] : [];
    })
    .sort((a, b) => a.afterMs - b.afterMs);
}

function marksOf(attribute: Attribute, { attributes, filters }: Criteria, isActive: boolean): Pair {
  const { name, isMutual, acceptsUnknown } = attribute;
  const own = valuesOf(attributes, name).map(valueMark);
  if (isMutual) return withName(name, mutualMarks(own, acceptsUnknown, isActive));
  const unknown = acceptsUnknown ? [UNKNOWN] : [];
  const is = [ANY, ...(own.length > 0 ? own : unknown)];
  const sought = isActive ? valuesOf(filters, name).map(valueMark) : [];
  const seeks = sought.length > 0 ? [...sought, ...unknown] : [ANY];
  const wait = is.flatMap((one) => seeks.map((other) => both(one, other)));
  const seek = seeks.flatMap((one) => is.map((other) => both(one, other)));
  return withName(name, { wait, seek });
}

function mutualMarks(own: Marks, acceptsUnknown: boolean, isActive: boolean): Pair {
  const isKnown = own.length > 0;
  if (!acceptsUnknown) {
    const marks = isActive && isKnown ? own : [...own, ""];
    return { wait: marks, seek: marks };
  }
  if (!isKnown) return { wait: ["", UNKNOWN], seek: [""] };
  const open = isActive ? [] : [OPEN];
  return { wait: ["", ...own, ...open], seek: [...own, UNKNOWN, ...open] };
}

/** A mark for a value. Characters that separate marks are escaped, so that no value looks like several. */
function valueMark(value: string): string {
  return `=${value.replace(/[\\|>]/g, "\\$&")}`;
}

function both(is: string, seeks: string): string {
  return is === ANY && seeks === ANY ? "" : `${is}>${seeks}`;
}

function withName(name: string, { wait, seek }: Pair): Pair {
  const named = (marks: Marks) => marks.map((mark) => (mark === "" ? "" : name + mark));
  return { wait: named(wait), seek: named(seek) };
}

/** One pool for each combination of the marks. */
function cross(marks: readonly Marks[]): PoolKey[] {
  let keys: string[] = [""];
  for (const some of marks) {
    keys = keys.flatMap((key) => some.map((mark) => (key === "" || mark === "" ? key + mark : `${key}|${mark}`)));
  }
  return keys.map((key) => (key === "" ? ANY : key));
}

function checkCount(marks: readonly { attribute: Attribute; some: Marks }[], filters: Said): void {
  const count = marks.reduce((product, { some }) => product * some.length, 1);
  if (count <= limits.poolsOfTicket) return;
  const [widest] = marks.toSorted((a, b) => b.some.length - a.some.length);
  if (widest !== undefined) refuse(widest.attribute, count, filters);
}

function refuse({ name, isMutual }: Attribute, count: number, filters: Said): never {
  const isPreference = name === "interests" || name === "languages";
  const ofFilter = !isMutual && valuesOf(filters, name).length > 0;
  const field = isPreference ? `preferences.${name}` : ofFilter ? "filters" : "attributes";
  const what = isPreference ? "" : `\`${name}\` `;
  const allowed = `${String(limits.poolsOfTicket)} are allowed; name fewer values`;
  throw new DomainError(
    "field_invalid",
    `${field}: ${what}makes ${String(count)} combinations with the rest, ${allowed}`,
    {
      field,
    },
  );
}
