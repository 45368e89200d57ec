import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { scriptOf, verbs } from "../../../src/adapters/redis/scripts.js";
import { searchBounds } from "../../../src/core/search.js";

const folder = new URL("../../../src/adapters/redis/scripts/shared/", import.meta.url);
const definition = /^local (?:function )?(\w+)/gm;

/** Everything that pieces share. */
const names = readdirSync(folder).flatMap((file) =>
  [...readFileSync(new URL(file, folder), "utf8").matchAll(definition)].map(([, name = ""]) => name),
);

/** Only what is code: names in comments and texts are words. */
function codeOf(lua: string): string {
  return lua.replace(/--.*$/gm, "").replace(/'[^'\n]*'|"[^"\n]*"/g, '""');
}

it.each(verbs)("gives the script of %s all that it uses, before it is used", (verb) => {
  const code = codeOf(scriptOf(verb, { handshakeMs: 20_000, isCluster: true, search: searchBounds, mailPoolBytes: 0 }));
  const defined = new Map([...code.matchAll(definition)].map(({ 1: name = "", index }) => [name, index]));
  const early = names.filter((name) => {
    const uses = [...code.matchAll(new RegExp(`(?<![.\\w])${name}\\(`, "g"))].map(({ index }) => index);
    return uses.some((use) => use < (defined.get(name) ?? Infinity));
  });
  expect(early).toEqual([]);
});
