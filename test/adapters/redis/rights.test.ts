import { readdir, readFile } from "node:fs/promises";
import { expect, it } from "vitest";

/** Commands that are tried in another way than on a key. */
const others = new Set(["time", "info", "del"]);

it("the start tries each command that a script uses", async () => {
  const folder = new URL("../../../src/adapters/redis/", import.meta.url);
  const tried = await readFile(new URL("rights.ts", folder), "utf8");
  const files = (await readdir(new URL("scripts/", folder), { recursive: true })).filter((name) =>
    name.endsWith(".lua"),
  );
  const used = new Set<string>();
  for (const file of files) {
    const lua = await readFile(new URL(`scripts/${file}`, folder), "utf8");
    for (const [, command = ""] of lua.matchAll(/call\(\s*"([A-Z]+)"/g)) used.add(command.toLowerCase());
  }
  expect([...used].filter((command) => !others.has(command) && !tried.includes(`["${command}",`))).toEqual([]);
});
