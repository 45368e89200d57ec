import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

/** Every page of the documentation, as a path from the project's root. */
const pages = [
  ...readdirSync(".").filter((name) => name.endsWith(".md")),
  ...["docs", "examples", "deploy", "src"].flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder, { recursive: true, encoding: "utf8" })
          .filter((name) => name.endsWith(".md") && !name.includes("node_modules"))
          .map((name) => join(folder, name))
      : [],
  ),
];

/** A page without its code blocks, in which nothing links. */
const proseOf = (page: string) => readFileSync(page, "utf8").replace(/^ *```.*?^ *```$/gms, "");

/** The names that headings of a page have in links, as GitHub makes them. */
function anchorsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Links to files that do not exist, and to headings that a page does not have. */
function brokenLinks(page: string): string[] {
  const links = [...proseOf(page).matchAll(/\]\(([^()\s]+(?:\(\))?)\)/g)].map(([, link = ""]) => link);
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? page : normalize(join(dirname(page), path));
      if (!existsSync(target)) return true;
      return anchor !== undefined && target.endsWith(".md") && !anchorsOf(target).includes(anchor);
    });
}

/** Files and folders of the project that a page names as code and that do not exist; tests may lack their ending. */
function missingFiles(page: string): string[] {
  const names = [...proseOf(page).matchAll(/`((?:src|test|proto|docs|examples|deploy)\/[\w./-]+)`/g)];
  return names
    .map(([, name = ""]) => name)
    .filter((name) => ![name, `${name}.test.ts`, `${name}.ts`].some((path) => existsSync(path)));
}

const handWritten = pages.filter((page) => !page.startsWith("docs/reference/"));

describe.each(handWritten)("%s", (page) => {
  it("links to what exists", () => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it("names files that exist", () => {
    expect(missingFiles(page)).toEqual([]);
  });

  it("has commands without comments, which zsh would take for arguments", () => {
    const blocks = [...readFileSync(page, "utf8").matchAll(/^```bash\n(.*?)^```$/gms)].map(([, code = ""]) => code);
    expect(blocks.flatMap((code) => code.match(/(^|\s)#.*/gm) ?? [])).toEqual([]);
  });
});

it("the protocol reference links to messages that exist", () => {
  const reference = pages.filter((page) => page.startsWith("docs/reference/protocol/"));
  expect(reference.length).toBeGreaterThan(0);
  expect(reference.flatMap(brokenLinks)).toEqual([]);
});

it("the README is short", () => {
  expect(readFileSync("README.md").length).toBeLessThan(8_000);
});
