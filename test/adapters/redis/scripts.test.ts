import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { scriptOf, verbs } from "../../../src/adapters/redis/scripts.js";
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

it.each(verbs)("the script of %s defines everything before it is used", (verb) => {
  const code = codeOf(
    scriptOf(verb, { handshakeMs: 20_000, isCluster: true, search: searchBounds, mailPoolBytes: 0, eventsMax: 1 }),
  );
  const defined = new Map([...code.matchAll(definition)].map(({ 1: name = "", index }) => [name, index]));
  const early = names.filter((name) => {
    const uses = [...code.matchAll(new RegExp(`(?<![.\\w])${name}\\(`, "g"))].map(({ index }) => index);
    return uses.some((use) => use < (defined.get(name) ?? Infinity));
  });
  expect(early).toEqual([]);
});
