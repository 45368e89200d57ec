import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { CallPage } from "./call-page.js";

const script = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Returns the rules of WCAG 2.2 AA and the best practices that the page currently breaks, and where. */
export async function violationsOn({ page }: Pick<CallPage, "page">): Promise<string[]> {
  const { violations } = await page.evaluate<AxeResults>(
    `${script}; axe.run(document, { resultTypes: ["violations"] })`,
  );
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
