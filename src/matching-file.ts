import { readFileSync } from "node:fs";
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { type Config, ConfigError } from "./config.js";
import { limits } from "./core/limits.js";
import {
  type Attribute,
  countryAttribute,
  defaultSchema,
  interestsAttribute,
  languagesAttribute,
  type MatchingSchema,
  modeAttribute,
  quarantineAttribute,
  SOURCES,
} from "./core/matching-schema.js";

/** Attributes with a meaning of their own. A file can include them, and say when their filters give way. */
const builtIn: ReadonlyMap<string, Attribute> = new Map(
  [interestsAttribute(undefined), languagesAttribute, modeAttribute, countryAttribute, quarantineAttribute].map(
    (attribute) => [attribute.name, attribute],
  ),
);

const MAX_ATTRIBUTES = 16;
const MAX_VALUES = 64;
/** As long as a filter may take to give way, in seconds. */
const MAX_SECONDS = 24 * 60 * 60;

const word = z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, "must be 1 to 32 of a-z, 0-9 and _, and begin with a letter");
const value = z.string().regex(/^[a-z0-9_-]{1,32}$/, "must be 1 to 32 of a-z, 0-9, _ and -");
const seconds = z.number().min(0).max(MAX_SECONDS);

const entry = z.strictObject({
  name: word,
  values: z
    .union([z.literal("open"), z.array(value).min(1).max(MAX_VALUES)], {
      error: `must be a list of 1 to ${String(MAX_VALUES)} values, or the word open`,
    })
    .optional(),
  said_by: z.array(z.enum(SOURCES)).min(1).optional(),
  default: value.optional(),
  max_values: z.int().min(1).max(limits.interests).optional(),
  mutual: z.boolean().optional(),
  unknown: z.enum(["accepted", "refused"]).optional(),
  gives_way_after_seconds: seconds.optional(),
  shared: z.boolean().optional(),
});
type Entry = z.infer<typeof entry>;

const file = z.strictObject({
  priority_class_seconds: seconds.min(1).optional(),
  attributes: z
    .array(entry)
    .max(MAX_ATTRIBUTES)
    .superRefine((entries, context) => {
      entries.forEach((one, index) => {
        for (const [key, message] of problemsOf(one, entries.slice(0, index))) {
          context.addIssue({ code: "custom", path: [index, key], message });
        }
      });
    }),
});

/**
 * Reads what people are matched by: the file that the configuration names, or the default.
 * @throws ConfigError that lists every mistake with its line
 */
export function readMatchingSchema({ MATCHING_FILE: path, WIDEN_AFTER_MS: widenAfterMs }: Config): MatchingSchema {
  const usual = defaultSchema(widenAfterMs);
  return path === "" ? usual : parseMatchingFile(path, readText(path), usual);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      `MATCHING_FILE=${path} cannot be read (${code}): it must be a file that this process may read`,
    );
  }
}

function parseMatchingFile(path: string, text: string, usual: MatchingSchema): MatchingSchema {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => `MATCHING_FILE=${path} line ${String(lines.linePos(offset).line)}: `;
  const mistakes = document.errors.map(({ pos, message }) => `${at(pos[0])}${message}`);
  if (mistakes.length > 0) throw new ConfigError(mistakes.join("\n"));
  const parsed = file.safeParse(document.toJS());
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => {
      const where = [...issue.path, ...(issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [])];
      return `${at(offsetOf(document.contents, where))}${nameOf(where)}: ${issue.message}`;
    });
    throw new ConfigError(problems.join("\n"));
  }
  const { attributes, priority_class_seconds: classSeconds } = parsed.data;
  const schema = {
    attributes: withBuiltIn(attributes.map(attributeFrom)),
    priorityClassMs: classSeconds === undefined ? usual.priorityClassMs : classSeconds * 1_000,
  };
  checkPools(path, schema);
  return schema;
}

/** `mode` and `quarantine` are part of every schema. A file may name them to set their properties. */
function withBuiltIn(attributes: Attribute[]): Attribute[] {
  const names = new Set(attributes.map(({ name }) => name));
  if (!names.has("mode")) attributes.push({ ...modeAttribute, fallback: undefined, isSought: false });
  if (!names.has("quarantine")) attributes.push(quarantineAttribute);
  return attributes;
}

function attributeFrom(given: Entry): Attribute {
  const { name, values = "open", gives_way_after_seconds: after } = given;
  const attribute = builtIn.get(name) ?? {
    name,
    values: values === "open" ? undefined : values,
    saidBy: given.said_by ?? ["client"],
    fallback: given.default,
    maxValues: given.max_values ?? 1,
    isMutual: given.mutual ?? false,
    isSought: true,
    acceptsUnknown: given.unknown === "accepted",
    isShared: false,
  };
  const givesWayAfterMs = after === undefined ? undefined : after * 1_000;
  return { ...attribute, givesWayAfterMs, isShared: given.shared ?? attribute.isShared };
}

function problemsOf(given: Entry, before: readonly Entry[]): [key: keyof Entry, problem: string][] {
  const { name, values, default: fallback } = given;
  const problems: [keyof Entry, string][] = [];
  if (before.some((one) => one.name === name)) problems.push(["name", `"${name}" is there already`]);
  if (builtIn.has(name)) {
    const fixed = (Object.keys(given) as (keyof Entry)[]).filter(
      (key) => !["name", "gives_way_after_seconds", "shared"].includes(key),
    );
    const allowed = `cannot be set for "${name}", which is built in; gives_way_after_seconds and shared can`;
    problems.push(...fixed.map((key): [keyof Entry, string] => [key, allowed]));
  } else {
    if (values === undefined) problems.push(["values", "is required: a list of values, or the word open"]);
    if (fallback !== undefined && (!Array.isArray(values) || !values.includes(fallback))) {
      problems.push(["default", "must be one of the values"]);
    }
  }
  if (name === "quarantine" && given.gives_way_after_seconds !== undefined) {
    problems.push(["gives_way_after_seconds", "cannot be set: people in quarantine meet only each other"]);
  }
  return problems;
}

/** A person with one value of each attribute and no filter must have few enough pools. */
function checkPools(path: string, { attributes }: MatchingSchema): void {
  const doubling = attributes.filter(
    ({ isMutual, isSought, acceptsUnknown }) => isSought && (!isMutual || acceptsUnknown),
  );
  if (2 ** doubling.length <= limits.poolsOfTicket) return;
  const names = doubling.map(({ name }) => name).join(", ");
  throw new ConfigError(
    `MATCHING_FILE=${path}: attributes: at most ${String(Math.floor(Math.log2(limits.poolsOfTicket)))} that are not ` +
      `mutual, or accept the unknown, are possible at a time, as each doubles the pools of a person; these are ${names}`,
  );
}

/** Where a value of the file begins; its nearest parent's if there is none. */
function offsetOf(node: unknown, path: readonly PropertyKey[]): number {
  let [current, offset] = [node, 0];
  for (const step of path) {
    if (isMap(current)) {
      const pair = current.items.find(({ key }) => isScalar(key) && key.value === step);
      if (pair === undefined) break;
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
      current = pair.value;
    } else if (isSeq(current)) {
      current = current.items[Number(step)];
      offset = (current as { range?: [number] } | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  return offset;
}

/** The path of a value, such as `attributes[1].values`. */
function nameOf(path: readonly PropertyKey[]): string {
  const text = path.map((step) => (typeof step === "number" ? `[${String(step)}]` : `.${String(step)}`)).join("");
  return text === "" ? "the file" : text.replace(/^\./, "");
}
