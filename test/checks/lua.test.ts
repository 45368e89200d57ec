import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { librariesFor } from "../../src/adapters/redis/library.js";
import { objectCodecs } from "../../src/adapters/redis/objects.js";
import { verbs } from "../../src/adapters/redis/verbs.js";
import { searchBounds } from "../../src/core/search.js";
import { installPackages } from "../support/packages.js";

const run = promisify(execFile);
const scripts = "src/adapters/redis/scripts";
const settings = { handshakeMs: 20_000, isCluster: true, search: searchBounds, mailPoolBytes: 0, eventsMax: 1 };
/** The globals that Redis adds to Lua 5.1. */
const globals = ["redis", "cjson", "cmsgpack", "struct", "bit"];

let folder: string;
beforeAll(async () => {
  installPackages("lua-check");
  folder = await mkdtemp(join(tmpdir(), "satoshigle-lua-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The report of luacheck; an empty string if there is none. */
async function report(paths: string[], ...options: string[]): Promise<string> {
  const common = ["--std", "lua51", "--read-globals", ...globals, "--no-color", "--quiet"];
  const { stdout } = await run("luacheck", [...paths, ...common, ...options]).catch((error: unknown) => {
    if (error instanceof Error && "stdout" in error) return { stdout: String(error.stdout) };
    throw error;
  });
  return stdout.replace(/^Total: 0 warnings.*\n/m, "").trim();
}

/** All scripts in one text, each as a function that can access the shared code. */
async function everything(): Promise<string> {
  const pieces = new Map<string, string>();
  const add = async (name: string) => {
    if (pieces.has(name)) return;
    const text = await readFile(join(scripts, "shared", `${name}.lua`), "utf8");
    for (const used of /^-- uses (.+)$/m.exec(text)?.[1]?.split(", ") ?? []) await add(used);
    pieces.set(name, text);
  };
  await add("realm");
  for (const file of await readdir(join(scripts, "shared"))) await add(file.replace(".lua", ""));
  const texts = await Promise.all(verbs.map((verb) => readFile(join(scripts, `${verb}.lua`), "utf8")));
  const functions = texts.map((text) => `function(ARGV)\n${text}\nend,\n`);
  const given = "local RULES, call, step, base = {}, redis.call, {}, 'realm'";
  return [objectCodecs(), given, ...pieces.values(), "return { finish,", ...functions, "}"].join("\n");
}

it("luacheck reports nothing about the libraries as Redis loads them", async () => {
  const paths = await Promise.all(
    librariesFor(settings).map(async ({ name, lua }) => {
      const path = join(folder, `${name}.lua`);
      await writeFile(path, lua.replace(/^#!.*/, ""));
      return path;
    }),
  );
  // A library does not use all of its shared code, and rarely reads the arguments; the next test checks for unused code.
  expect(await report(paths, "--no-unused", "--no-max-line-length", "--no-redefined")).toBe("");
});

it("there is no unused code in the scripts", async () => {
  const path = join(folder, "everything.lua");
  await writeFile(path, await everything());
  expect(await report([path], "--no-max-line-length", "--no-redefined", "--ignore", "212/ARGV")).toBe("");
});

it("each script has a file, with lines of at most 120 characters", async () => {
  const files = (await readdir(scripts)).filter((file) => file.endsWith(".lua"));
  expect(files.sort()).toEqual(verbs.map((verb) => `${verb}.lua`).sort());
  expect(await report([scripts], "--max-line-length", "120", "--only", "6")).toBe("");
});
