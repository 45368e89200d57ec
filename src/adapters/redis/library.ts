import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { objectCodecs } from "./objects.js";
import { type LuaValue, rulesFor, type Settings } from "./rules.js";
import { readingVerbs, type Verb, verbs } from "./verbs.js";

/** Names of the libraries in Redis begin with it. */
export const LIBRARY_PREFIX = "satoshigle_";

/** Lua allows 200 local variables in a function; the shared pieces of a library are those of one. */
const MAX_LOCALS = 160;

/** A library of Redis functions, in which verbs share their pieces. */
export interface Library {
  name: string;
  lua: string;
  verbs: readonly Verb[];
}

/** The libraries of all verbs. The same settings give the same libraries, which any number of realms share. */
export function librariesFor(settings: Settings): Library[] {
  return groups().map(({ pieces, verbs: own }) => libraryOf([...pieces.values()], own, settings));
}

/** The name of a verb's function: that of its library tells versions and settings apart. */
export function functionOf(library: Library, verb: Verb): string {
  return `${verb}_${library.name.slice(LIBRARY_PREFIX.length)}`;
}

interface Group {
  pieces: Map<string, string>;
  verbs: Verb[];
}

/** Puts verbs into as few libraries as the number of their pieces allows. */
function groups(): Group[] {
  const found: Group[] = [];
  for (const verb of verbs) {
    const pieces = piecesOf(verb);
    const last = found.at(-1);
    const all = new Map([...(last?.pieces ?? []), ...pieces]);
    if (last !== undefined && localsIn([...all.values()]) <= MAX_LOCALS) {
      last.pieces = all;
      last.verbs.push(verb);
    } else found.push({ pieces, verbs: [verb] });
  }
  return found;
}

function localsIn(pieces: readonly string[]): number {
  return pieces.reduce((sum, piece) => sum + (piece.match(/^local /gm)?.length ?? 0), 0);
}

/**
 * Builds the source of a library. Redis runs it once, when it is loaded. The functions of a realm are created at its
 * first call, so that the names of its keys are constants in them.
 */
function libraryOf(pieces: readonly string[], own: readonly Verb[], settings: Settings): Library {
  const sources = own.map((verb) => `verbs.${verb} = function(ARGV)\n${sourceOf(verb)}\nend`);
  const code = [...pieces, "local verbs = {}", ...sources].join("\n");
  const mentioned = new Set([...code.matchAll(/\bRULES\.(\w+)/g)].map(([, name]) => name));
  const rules = Object.entries(rulesFor(settings)).filter(([name]) => mentioned.has(name));
  const lua = [
    "local call, step",
    objectCodecs(),
    "local function realm(base)",
    `local RULES = ${toLua(Object.fromEntries(rules))}`,
    code,
    "verbs.finish = finish",
    "return verbs",
    "end",
    frame,
  ].join("\n");
  const hash = createHash("sha256").update(lua).digest("hex").slice(0, 24);
  const registrations = own.map((verb) => `register("${verb}", "${verb}_${hash}", ${String(readingVerbs.has(verb))})`);
  const name = `${LIBRARY_PREFIX}${hash}`;
  return { name, lua: [`#!lua name=${name}`, lua, ...registrations].join("\n"), verbs: own };
}

/** What each call begins with: `step` holds what only this call knows. */
const frame = `
local realms = {}
local function register(verb, name, reads)
  redis.register_function({
    function_name = name,
    flags = reads and { "no-writes" } or {},
    callback = function(keys, args)
      call, step = redis.call, { session = {}, match = {}, changed = {}, notices = {}, waiters = {} }
      local verbs = realms[keys[1]]
      if not verbs then
        verbs = realm(keys[1])
        realms[keys[1]] = verbs
      end
      local answer = verbs[verb](args)
      verbs.finish()
      return answer
    end,
  })
end`;

/** The pieces of `scripts/shared` that a verb depends on by name, each after its own dependencies. */
function piecesOf(verb: Verb): Map<string, string> {
  const pieces = new Map<string, string>();
  const add = (name: string) => {
    if (pieces.has(name)) return;
    const piece = sourceOf(`shared/${name}`);
    usesOf(piece).forEach(add);
    pieces.set(name, piece);
  };
  ["realm", ...usesOf(sourceOf(verb))].forEach(add);
  return pieces;
}

/** The pieces named in the line `-- uses a, b` of a source. */
function usesOf(source: string): string[] {
  return /^-- uses (.+)$/m.exec(source)?.[1]?.split(", ") ?? [];
}

/** @throws Error if the file does not exist, because a line `-- uses` names a missing piece. */
function sourceOf(name: string): string {
  const url = new URL(`scripts/${name}.lua`, import.meta.url);
  if (!existsSync(url)) throw new Error(`script ${name}.lua does not exist, but a line "-- uses" names it`);
  return readFileSync(url, "utf8");
}

function toLua(value: LuaValue): string {
  if (value === Infinity) return "math.huge";
  if (typeof value !== "object") return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, one]) => `${key} = ${toLua(one)}`)
    .join(", ")} }`;
}
