import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

/** TypeScript's native compiler. The one in JavaScript, which the linter needs, takes several times as long. */
const COMPILER = "typescript-native";

/** The parts of the build, with their sources and commands. A part is rebuilt when one of its sources has changed. */
const parts = {
  server: {
    sources: ["src", "gen", "tsconfig.json"],
    without: ["src/client", "src/console", "src/demo"],
    outputs: ["dist/src", "dist/gen"],
    entry: "dist/src/main.js",
    build() {
      run(COMPILER, "tsc", "-p", "tsconfig.json");
      cpSync("src/adapters/redis/scripts", "dist/src/adapters/redis/scripts", { recursive: true });
    },
  },
  client: {
    sources: ["src/client", "tsconfig.json"],
    without: ["src/client/dist"],
    outputs: ["src/client/dist"],
    entry: "src/client/dist/index.js",
    build: () => run(COMPILER, "tsc", "-p", "src/client"),
  },
  page: {
    sources: ["src/demo", "src/client"],
    without: ["src/client/dist"],
    outputs: ["dist/demo"],
    entry: "dist/demo/index.html",
    build: () => run("vite", "vite", "build", "--config", "src/demo/vite.config.ts", "--logLevel", "warn"),
  },
  console: {
    sources: ["src/console", "src/client/moderation", "gen"],
    without: [],
    outputs: ["dist/console"],
    entry: "dist/console/index.html",
    build: () => run("vite", "vite", "build", "--config", "src/console/vite.config.ts", "--logLevel", "warn"),
  },
};

/** File with a hash of the sources of each part at its last build. */
const STAMPS = "dist/.built.json";
const require = createRequire(import.meta.url);

/** Runs a command of a development dependency. */
function run(name, tool, ...args) {
  const manifest = require.resolve(`${name}/package.json`);
  const { bin } = require(manifest);
  execFileSync(process.execPath, [join(dirname(manifest), bin[tool]), ...args], { stdio: "inherit" });
}

/** Returns the files below a path, sorted. */
function files(path, without) {
  if (without.includes(path) || path.endsWith("/node_modules")) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => files(`${path}/${name}`, without));
}

/** Returns a hash of the sources of a part. */
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
    return [COMPILER, "vite"].every((name) => require.resolve(`${name}/package.json`));
  } catch {
    return false;
  }
}

/** Writes a new file, because copies of the folder may share the old one through a hard link. */
function writeStamps(stamps) {
  mkdirSync(dirname(STAMPS), { recursive: true });
  rmSync(STAMPS, { force: true });
  writeFileSync(STAMPS, `${JSON.stringify(stamps, null, 2)}\n`);
}

/** Builds a part. Its stamp is cleared meanwhile, so that an interrupted build is repeated. */
function build(name, stamp) {
  writeStamps({ ...readStamps(), [name]: "" });
  for (const output of parts[name].outputs) rmSync(output, { recursive: true, force: true });
  parts[name].build();
  writeStamps({ ...readStamps(), [name]: stamp });
}

process.chdir(import.meta.dirname);
const { values, positionals } = parseArgs({ options: { clean: { type: "boolean" } }, allowPositionals: true });
const asked = positionals.length > 0 ? positionals : Object.keys(parts);
const former = values.clean ? {} : readStamps();
const stamps = Object.fromEntries(asked.map((name) => [name, fingerprint(parts[name])]));
const isBuilt = (name) => existsSync(parts[name].entry);
const stale = asked.filter((name) => former[name] !== stamps[name] || !isBuilt(name));
const how = "npm ci --include=dev && npm run build";
if (stale.length === 0 || hasTools()) {
  for (const name of stale) build(name, stamps[name]);
} else if (asked.every(isBuilt)) {
  console.error(`The sources (${stale.join(", ")}) are newer than the build, which is used anyway. To rebuild: ${how}`);
} else {
  console.error(`The build and the build tools are missing. Run: ${how}`);
  process.exit(1);
}
