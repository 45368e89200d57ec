import { DomainError } from "./errors.js";
import { type Attribute, attributeNamed, type MatchingSchema, SOURCES, type Source } from "./matching-schema.js";
import { fold } from "./spelling.js";

/** Values by the name of their attribute, in the order of the schema; sorted, each once, and none without values. */
export type Said = readonly (readonly [name: string, values: readonly string[]])[];

/** Who a person is and whom it seeks. Equal criteria are equal as JSON. */
export interface Criteria {
  attributes: Said;
  filters: Said;
}

/** What someone said: names and values, not yet checked. */
export type Statement = readonly (readonly [name: string, values: readonly string[]])[];

export interface Statements {
  client: Statement;
  app: Statement;
  server: Statement;
  filters: Statement;
}

/** The sources, the one first that precedes the others. */
const BY_PRECEDENCE = SOURCES.toReversed();
const NONE: readonly string[] = [];

/**
 * Checks what was said against the schema. Where several may say the same, the server precedes the app and the app the
 * client. What the app says of attributes that the schema lacks is ignored.
 * @throws DomainError `field_invalid` for what the client says
 */
export function criteriaOf(schema: MatchingSchema, { client, app, server, filters }: Statements): Criteria {
  for (const statement of [client, filters]) checkNames(schema, statement, statement === client);
  const trusted = { client, app, server };
  return {
    attributes: said(schema.attributes, (attribute) => {
      for (const source of BY_PRECEDENCE) {
        if (!attribute.saidBy.includes(source)) continue;
        const values =
          source === "client" ? valuesIn(attribute, client, "attributes") : allowedIn(attribute, trusted[source]);
        if (values.length > 0) return values;
      }
      return attribute.fallback === undefined ? NONE : [attribute.fallback];
    }),
    filters: said(schema.attributes, (attribute) => {
      const values = valuesIn(attribute, filters, "filters");
      return acceptsAll(attribute, values) ? [] : values;
    }),
  };
}

/** The values of an attribute; none if nothing was said. */
export function valuesOf(said: Said, name: string): readonly string[] {
  for (const pair of said) if (pair[0] === name) return pair[1];
  return NONE;
}

/** The values that two people share, of the attributes that they may learn. */
export function sharedBetween(a: Said, b: Said): Said {
  const shared: (readonly [string, readonly string[]])[] = [];
  for (const [name, values] of a) {
    const theirs = valuesOf(b, name);
    const both = values.filter((value) => theirs.includes(value));
    if (both.length > 0) shared.push([name, both]);
  }
  return shared;
}

/** Shared values as an event has them: interests by themselves, others if there are any. */
export function sharedOf(shared: Said): { sharedInterests: readonly string[]; sharedAttributes: Said | undefined } {
  const others = shared.filter(([name]) => name !== "interests");
  return {
    sharedInterests: valuesOf(shared, "interests"),
    sharedAttributes: others.length > 0 ? others : undefined,
  };
}

function said(attributes: readonly Attribute[], valuesFor: (attribute: Attribute) => readonly string[]): Said {
  const all: (readonly [string, readonly string[]])[] = [];
  for (const attribute of attributes) {
    const values = valuesFor(attribute);
    if (values.length > 0) all.push([attribute.name, values]);
  }
  return all;
}

function valuesIn(attribute: Attribute, statement: Statement, field: "attributes" | "filters"): readonly string[] {
  const values = spelledIn(attribute, statement);
  if (values.length === 0) return values;
  const problem = problemOf(attribute, values, field === "filters" ? Infinity : attribute.maxValues);
  if (problem !== undefined) refuse(field, attribute.name, problem);
  return values;
}

/** Returns the values that a statement gives for an attribute, normalized, sorted and without duplicates. */
function spelledIn(attribute: Attribute, statement: Statement): readonly string[] {
  let values: Set<string> | undefined;
  for (const [name, given] of statement) {
    if (name !== attribute.name || given.length === 0) continue;
    values ??= new Set();
    for (const value of given) values.add(spelled(attribute, value));
  }
  if (values === undefined) return NONE;
  values.delete("");
  return [...values].sort();
}

function problemOf({ values }: Attribute, given: readonly string[], max: number): string | undefined {
  const unknown = given.find((value) => values?.includes(value) === false);
  if (unknown !== undefined) return `"${unknown}" is not one of ${values?.join(", ") ?? ""}`;
  return given.length > max ? `at most ${String(max)} values are allowed` : undefined;
}

/** The values that a trusted source says, of which those are ignored that the schema no longer allows. */
function allowedIn(attribute: Attribute, statement: Statement): readonly string[] {
  const { values, maxValues } = attribute;
  const given = spelledIn(attribute, statement);
  if (given.length === 0) return given;
  return given.filter((value) => values?.includes(value) ?? true).slice(0, maxValues);
}

/**
 * What is wrong with what the app says of a person, as the name of an attribute and a problem; undefined if nothing is.
 * Attributes that the schema lacks, and those that the app may not say, are ignored.
 */
export function problemOfApp({ attributes }: MatchingSchema, statement: Statement): [string, string] | undefined {
  for (const attribute of attributes.filter(({ saidBy }) => saidBy.includes("app"))) {
    const problem = problemOf(attribute, spelledIn(attribute, statement), attribute.maxValues);
    if (problem !== undefined) return [attribute.name, problem];
  }
  return undefined;
}

/** Whether a filter excludes no one, and so is none. */
function acceptsAll({ values, fallback, acceptsUnknown }: Attribute, sought: readonly string[]): boolean {
  return sought.length === values?.length && (fallback !== undefined || acceptsUnknown);
}

function spelled({ name, values }: Attribute, value: string): string {
  return values !== undefined || name === "languages" ? value.toLowerCase() : fold(value);
}

/** Refuses attributes that a client may not name. */
function checkNames(schema: MatchingSchema, statement: Statement, isAboutSelf: boolean): void {
  for (const [name, values] of statement) {
    if (values.length === 0) continue;
    const field = isAboutSelf ? "attributes" : "filters";
    const attribute = attributeNamed(schema, name);
    if (attribute === undefined) refuse(field, name, `is not one of ${namesFor(schema, isAboutSelf)}`);
    if (isAboutSelf && !attribute.saidBy.includes("client")) refuse(field, name, explain(attribute.saidBy));
    if (!isAboutSelf && attribute.isMutual) refuse(field, name, "is sought by naming it in `attributes`");
    if (!isAboutSelf && !attribute.isSought) refuse(field, name, "is not sought by on this server");
  }
}

function namesFor(schema: MatchingSchema, isAboutSelf: boolean): string {
  const may = ({ saidBy, isMutual, isSought }: Attribute) =>
    isAboutSelf ? saidBy.includes("client") : !isMutual && isSought;
  return (
    schema.attributes
      .filter(may)
      .map(({ name }) => name)
      .join(", ") || "any: there are none"
  );
}

function explain(saidBy: readonly Source[]): string {
  return `is said by the ${saidBy.join(" or the ")}, not by the client`;
}

/** Interests and languages have fields of their own. */
function refuse(field: "attributes" | "filters", name: string, problem: string): never {
  const isPreference = name === "interests" || name === "languages";
  const path = isPreference ? `preferences.${name}` : field;
  throw new DomainError("field_invalid", `${path}: ${isPreference ? "" : `\`${name}\` `}${problem}`, { field: path });
}
