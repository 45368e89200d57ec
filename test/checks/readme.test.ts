import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { configurationFiles } from "./support/configuration.js";

it("documents the configuration as it is in the code; `npm run generate` writes it", async () => {
  const files = await configurationFiles();
  expect(files.size, "one page has the table").toBe(2);
  for (const [path, content] of files) expect(readFileSync(path, "utf8"), path).toBe(content);
});
