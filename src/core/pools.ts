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

/** Whether marks are those of one who waits or of one who searches. */
type Side = "wait" | "seek";

/** The marks of a person for one attribute. The empty one stands for "any" in both halves. */
export type Marks = readonly string[];

const ANY = "*";
const UNKNOWN = "-";
const OPEN = "+";
const ONLY_ANY: Marks = [""];

/** @throws DomainError `field_invalid` if a stage or a tier has too many pools */
export function planFor(schema: MatchingSchema, criteria: Criteria): Plan {
  const plan = { schema, criteria, soft: softFilters(schema, criteria) };
  if (mostPools(schema, criteria) <= limits.poolsOfTicket) return plan;
  for (let stage = 0; stage <= plan.soft.length; stage++) {
    checkCount(plan, stage, "wait");
    checkCount(plan, stage, "seek");
  }
  return plan;
}

/** The marks under which a ticket waits in a stage, of each attribute. */
export function waitMarks(plan: Plan, stage: number): Marks[] {
  return marksIn(plan, stage, "wait");
}

/** The marks that a ticket searches in a tier, of each attribute. */
export function seekMarks(plan: Plan, tier: number): Marks[] {
  return marksIn(plan, tier, "seek");
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

/** One pool for each combination of the marks. */
export function cross(marks: readonly Marks[]): PoolKey[] {
  let keys: string[] = [""];
  for (const some of marks) {
    const longer: string[] = [];
    for (const key of keys) {
      for (const mark of some) longer.push(key === "" || mark === "" ? key + mark : `${key}|${mark}`);
    }
    keys = longer;
  }
  return keys.map((key) => (key === "" ? ANY : key));
}

/** The number of pools that a ticket waits in in a stage, or that it searches up to a tier. */
export function poolCount(plan: Plan, stage: number, side: Side): number {
  let count = 1;
  for (const attribute of plan.schema.attributes) {
    if (attribute.isSought) count *= countOf(attribute, plan.criteria, isActive(plan, attribute, stage), side);
  }
  return count;
}

/** The marks of each attribute, without those that are only "any", when so many soft filters gave way. */
function marksIn(plan: Plan, stage: number, side: Side): Marks[] {
  const all: Marks[] = [];
  for (const attribute of plan.schema.attributes) {
    if (!attribute.isSought) continue;
    const marks = marksOf(attribute, plan.criteria, isActive(plan, attribute, stage), side);
    if (marks.length > 1 || marks[0] !== "") all.push(marks);
  }
  return all;
}

function isActive({ soft }: Plan, attribute: Attribute, stage: number): boolean {
  const place = soft.findIndex(({ name }) => name === attribute.name);
  return place < 0 || place >= stage;
}

function softFilters({ attributes }: MatchingSchema, { attributes: own, filters }: Criteria): SoftFilter[] {
  const soft: SoftFilter[] = [];
  for (const { name, isMutual, isSought, givesWayAfterMs: afterMs } of attributes) {
    if (!isSought || afterMs === undefined) continue;
    if (valuesOf(isMutual ? own : filters, name).length > 0) soft.push({ name, afterMs });
  }
  return soft.length > 1 ? soft.sort((a, b) => a.afterMs - b.afterMs) : soft;
}

function marksOf(attribute: Attribute, criteria: Criteria, active: boolean, side: Side): Marks {
  const { name, isMutual, acceptsUnknown } = attribute;
  if (!acceptsUnknown && isUnsaid(attribute, criteria)) return ONLY_ANY;
  const { attributes, filters } = criteria;
  const own = valuesOf(attributes, name).map(valueMark);
  if (isMutual) return mutualMarks(own, acceptsUnknown, active, side).map((mark) => (mark === "" ? "" : name + mark));
  const unknown = acceptsUnknown ? [UNKNOWN] : [];
  const is = [ANY, ...(own.length > 0 ? own : unknown)];
  const sought = active ? valuesOf(filters, name).map(valueMark) : [];
  const seeks = sought.length > 0 ? [...sought, ...unknown] : [ANY];
  return side === "wait" ? pairs(name, is, seeks) : pairs(name, seeks, is);
}

/** Whether a person neither has nor seeks a value of an attribute, which is the most frequent case. */
function isUnsaid({ name, isMutual }: Attribute, { attributes, filters }: Criteria): boolean {
  return valuesOf(attributes, name).length === 0 && (isMutual || valuesOf(filters, name).length === 0);
}

function pairs(name: string, first: Marks, second: Marks): Marks {
  const marks: string[] = [];
  for (const one of first) {
    for (const other of second) marks.push(one === ANY && other === ANY ? "" : `${name}${one}>${other}`);
  }
  return marks;
}

function mutualMarks(own: Marks, acceptsUnknown: boolean, active: boolean, side: Side): Marks {
  const isKnown = own.length > 0;
  if (!acceptsUnknown) return active && isKnown ? own : [...own, ""];
  if (!isKnown) return side === "wait" ? ["", UNKNOWN] : [""];
  const open = active ? [] : [OPEN];
  return side === "wait" ? ["", ...own, ...open] : [...own, UNKNOWN, ...open];
}

/** A mark for a value. Characters that separate marks are escaped, so that no value looks like several. */
function valueMark(value: string): string {
  return `=${value.replace(/[\\|>]/g, "\\$&")}`;
}

/** How many marks `marksOf` returns. */
function countOf(attribute: Attribute, { attributes, filters }: Criteria, active: boolean, side: Side): number {
  const { name, isMutual, acceptsUnknown } = attribute;
  const own = valuesOf(attributes, name).length;
  const unknown = acceptsUnknown ? 1 : 0;
  if (!isMutual) {
    const sought = active ? valuesOf(filters, name).length : 0;
    return (1 + (own || unknown)) * (sought > 0 ? sought + unknown : 1);
  }
  if (acceptsUnknown && own === 0) return side === "wait" ? 2 : 1;
  return own + unknown + (active && own > 0 ? 0 : 1);
}

/** An upper bound of the number of pools of any stage or tier, for a quick check. */
function mostPools({ attributes }: MatchingSchema, criteria: Criteria): number {
  let count = 1;
  for (const { name, isMutual, isSought, acceptsUnknown } of attributes) {
    if (!isSought) continue;
    const mark = 1 + valuesOf(criteria.attributes, name).length + (acceptsUnknown ? 1 : 0);
    count *= isMutual ? mark : mark * (1 + valuesOf(criteria.filters, name).length);
  }
  return count;
}

function checkCount(plan: Plan, stage: number, side: Side): void {
  const count = poolCount(plan, stage, side);
  if (count <= limits.poolsOfTicket) return;
  const { schema, criteria } = plan;
  const [widest] = schema.attributes
    .filter(({ isSought }) => isSought)
    .map((attribute) => ({ attribute, marks: countOf(attribute, criteria, isActive(plan, attribute, stage), side) }))
    .sort((a, b) => b.marks - a.marks);
  if (widest !== undefined) refuse(widest.attribute, count, criteria.filters);
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
