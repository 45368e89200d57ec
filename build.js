import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** What is built, from which files, by which commands. A part is built when one of its sources has changed. */
const parts = {
  server: {
    sources: ["src", "gen", "tsconfig.json"],
    without: ["src/client", "src/demo"],
    outputs: ["dist/src", "dist/gen"],
    entry: "dist/src/main.js",
    build() {
      run("typescript", "tsc", "-p", "tsconfig.json");
      cpSync("src/adapters/redis/scripts", "dist/src/adapters/redis/scripts", { recursive: true });
    },
  },
  client: {
    sources: ["src/client", "tsconfig.json"],
    without: ["src/client/dist"],
    outputs: ["src/client/dist"],
    entry: "src/client/dist/index.js",
    build: () => run("typescript", "tsc", "-p", "src/client"),
  },
  page: {
    sources: ["src/demo", "src/client"],
    without: ["src/client/dist"],
    outputs: ["dist/demo"],
    entry: "dist/demo/index.html",
    build: () => run("vite", "vite", "build", "--config", "src/demo/vite.config.ts", "--logLevel", "warn"),
  },
};

/** What the last builds were made from: a hash for each part. */
const STAMPS = "dist/.built.json";
const require = createRequire(import.meta.url);

/** Runs the tool of a package that is installed for development. */
function run(name, tool, ...args) {
  const manifest = require.resolve(`${name}/package.json`);
  const { bin } = require(manifest);
  execFileSync(process.execPath, [join(dirname(manifest), bin[tool]), ...args], { stdio: "inherit" });
}

/** The files below a path, in order. */
function files(path, without) {
  if (without.includes(path) || path.endsWith("/node_modules")) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => files(`${path}/${name}`, without));
}

/** A hash of all that a part is built from. */
function fingerprint({ sources, without }) {
  const hash = createHash("sha256");
  for (const file of ["package.json", "package-lock.json", ...sources.flatMap((source) => files(source, without))]) {
    const content = readFileSync(file);
    hash.update(`${file} ${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}

function readStamps() {
  try {
    return JSON.parse(readFileSync(STAMPS, "utf8"));
  } catch {
    return {};
  }
}

function hasTools() {
  try {
    return ["typescript", "vite"].every((name) => require.resolve(`${name}/package.json`));
  } catch {
    return false;
  }
}

function build(name, stamp) {
  for (const output of parts[name].outputs) rmSync(output, { recursive: true, force: true });
  parts[name].build();
  mkdirSync("dist", { recursive: true });
  writeFileSync(STAMPS, `${JSON.stringify({ ...readStamps(), [name]: stamp }, null, 2)}\n`);
}

process.chdir(import.meta.dirname);
if (process.argv.includes("--clean")) rmSync(STAMPS, { force: true });
const former = readStamps();
const stamps = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, fingerprint(part)]));
const stale = Object.keys(parts).filter((name) => former[name] !== stamps[name] || !existsSync(parts[name].entry));
if (stale.length > 0 && !hasTools()) {
  const isUsable = ["server", "page"].every((name) => existsSync(parts[name].entry));
  const how = "npm ci --include=dev && npm run build";
  if (!isUsable) {
    console.error(`Nothing is built, and the tools that build it are not installed. Run: ${how}`);
    process.exit(1);
  }
  console.error(
    `The sources (${stale.join(", ")}) are newer than the build, which is used all the same. To build: ${how}`,
  );
} else {
  for (const name of stale) build(name, stamps[name]);
}
