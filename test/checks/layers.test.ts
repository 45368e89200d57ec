import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

/** Which folders a folder of `src` may import from, beside packages and itself. The files of `src` itself see all. */
const allowed: Record<string, string[]> = {
  core: [],
  ports: ["src/core"],
  app: ["src/core", "src/ports"],
  adapters: ["src/core", "src/ports"],
  rpc: ["src/core", "src/ports", "src/app", "gen"],
  client: ["gen"],
  demo: [], // and the package of the client
  console: ["gen"],
};

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name));
}

/** The files a file imports, as paths from the project's root without their ending. */
function importsOf(file: string): string[] {
  const specifiers = [...readFileSync(file, "utf8").matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)];
  return specifiers.map(([, specifier = ""]) => normalize(join(dirname(file), specifier)).replace(/\.(js|tsx?)$/, ""));
}

describe("imports", () => {
  it.each(Object.entries(allowed))("of %s go only where they may", (folder, targets) => {
    const files = sources(`src/${folder}`);
    expect(files.length).toBeGreaterThan(0);
    const homes = [`src/${folder}`, ...targets];
    const strays = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => !homes.some((home) => target === home || target.startsWith(`${home}/`)))
        .map((target) => `${file} → ${target}`),
    );
    expect(strays).toEqual([]);
  });
});

it("reads the environment in config.ts alone", () => {
  const readers = sources("src").filter((file) => readFileSync(file, "utf8").includes("process.env"));
  expect(readers).toEqual(["src/config.ts"]);
});

it("never lets one adapter know another", () => {
  const strays = sources("src/adapters").filter((file) => {
    const own = file.split("/").slice(0, 3).join("/");
    return importsOf(file).some((target) => target.startsWith("src/adapters/") && !target.startsWith(`${own}/`));
  });
  expect(strays).toEqual([]);
});
