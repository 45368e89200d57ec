import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { variables } from "../../src/config.js";

/** The configuration table in docs/configuration.md, as it must read. */
function table(): string {
  const rows = Object.entries(variables).map(([name, [, fallback, allowed, meaning]]) =>
    [`\`${name}\``, fallback === "" ? "–" : `\`${fallback}\``, meaning, allowed].join(" | "),
  );
  return ["variable | default | meaning | allowed", "--- | --- | --- | ---", ...rows]
    .map((row) => `| ${row} |`)
    .join("\n");
}

/** `.env.example`, as it must read. */
function example(): string {
  const entries = Object.entries(variables).map(
    ([name, [, fallback, allowed, meaning]]) => `# ${meaning}: ${allowed}.\n# ${name}=${fallback}\n`,
  );
  return ["# Every variable with its default. Copy to .env and uncomment what should differ.\n", ...entries].join("\n");
}

describe("the configuration as documented", () => {
  it("is in docs/configuration.md as it is in the code", () => {
    const page = readFileSync("docs/configuration.md", "utf8");
    const squeezed = page.replace(/ +\|/g, " |").replace(/\| +/g, "| ").replace(/-{3,}/g, "---");
    expect(squeezed).toContain(table());
  });

  it("is in .env.example as it is in the code", () => {
    expect(readFileSync(".env.example", "utf8")).toBe(example());
  });
});
