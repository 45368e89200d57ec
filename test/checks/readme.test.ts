import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { configurationFiles } from "./support/configuration.js";

it("the documented configuration is up to date with the code (`npm run generate`)", async () => {
  const files = await configurationFiles();
  expect(files.size, "one page and .env.example have the table").toBe(2);
  for (const [path, content] of files) expect(readFileSync(path, "utf8"), path).toBe(content);
});
