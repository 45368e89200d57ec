import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { librariesFor } from "../../../src/adapters/redis/library.js";
import { verbs } from "../../../src/adapters/redis/verbs.js";
import { searchBounds } from "../../../src/core/search.js";

const folder = new URL("../../../src/adapters/redis/scripts/shared/", import.meta.url);
const definition = /^local (?:function )?(\w+)/gm;

/** All names that shared scripts define. */
const names = readdirSync(folder).flatMap((file) =>
  [...readFileSync(new URL(file, folder), "utf8").matchAll(definition)].map(([, name = ""]) => name),
);

/** The code without comments and strings. */
function codeOf(lua: string): string {
  return lua.replace(/--.*$/gm, "").replace(/'[^'\n]*'|"[^"\n]*"/g, '""');
}

const settings = { handshakeMs: 20_000, isCluster: true, search: searchBounds, mailPoolBytes: 0, eventsMax: 1 };
const libraries = librariesFor(settings);

it.each(libraries)("the library $name defines everything before it is used", ({ lua }) => {
  const code = codeOf(lua);
  const definitions = [...code.matchAll(definition)].map(({ 1: name = "", index }) => [name, index] as const);
  const defined = new Map(definitions.reverse()); // the first of each, as verbs have names of their own
  const early = names.filter((name) => {
    const uses = [...code.matchAll(new RegExp(`(?<![.\\w])${name}\\(`, "g"))].map(({ index }) => index);
    return uses.some((use) => use < (defined.get(name) ?? Infinity));
  });
  expect(early).toEqual([]);
});

it("each verb is in one library", () => {
  expect(libraries.flatMap((library) => library.verbs).sort()).toEqual([...verbs].sort());
});

it("no two shared pieces define the same name, as a library may have both", () => {
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
