import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

/** Hooks that Vitest assigns to the test that started last, whichever test calls them. */
const GLOBAL_HOOK = /^import .*\bonTest(Finished|Failed)\b.* from "vitest"/m;

it("concurrent tests use the hooks of their context", () => {
  const files = readdirSync("test", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".test.ts"));
  const concurrent = files
    .map((name) => ({ name, text: readFileSync(join("test", name), "utf8") }))
    .filter(({ text }) => /^\s*(describe|it)\.concurrent\b/m.test(text));
  expect(concurrent.length).toBeGreaterThan(0);
  expect(concurrent.filter(({ text }) => GLOBAL_HOOK.test(text)).map(({ name }) => name)).toEqual([]);
});
