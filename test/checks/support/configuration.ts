import { existsSync, readFileSync } from "node:fs";
import { format, resolveConfig } from "prettier";
import { envExample, withConfiguration } from "../../../src/config/document.js";

/** Pages that may contain the table of variables. */
const PAGES = ["README.md", "docs/configuration.md"];

/** The expected content of the files that document the configuration, by path. */
export async function configurationFiles(): Promise<Map<string, string>> {
  const files = new Map([[".env.example", envExample()]]);
  for (const path of PAGES.filter((page) => existsSync(page))) {
    const page = withConfiguration(readFileSync(path, "utf8"));
    if (page === undefined) continue;
    files.set(path, await format(page, { ...(await resolveConfig(path)), filepath: path }));
  }
  return files;
}
