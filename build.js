import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";

/** TypeScript's native compiler. The one in JavaScript, which the linter needs, takes several times as long. */
const COMPILER = "typescript-native";

/** The bundled program. The unbundled modules beside it in `dist` are the library, with the types. */
const PROGRAM = "dist/server";
/** The entries of the bundle: the program, and those of its child processes, which `own-process.js` finds beside it. */
const ENTRIES = ["main", "adapters/lmdb/own-process", "adapters/lmdb/store-child", "adapters/lmdb/inspect"];
/** Packages with native code or worker threads, which find their own files. */
const UNBUNDLED = ["lmdb", "pino", "pino-pretty"];

/** The parts of the build, with their sources and commands. A part is rebuilt when one of its sources has changed. */
const parts = {
  server: {
    sources: ["src", "gen", "tsconfig.json"],
    without: ["src/client", "src/console", "src/demo"],
    outputs: ["dist/src", "dist/gen", PROGRAM],
    entry: `${PROGRAM}/main.js`,
    async build() {
      run(COMPILER, "tsc", "-p", "tsconfig.json");
      for (const folder of ["dist/src/adapters/redis", PROGRAM]) {
        cpSync("src/adapters/redis/scripts", `${folder}/scripts`, { recursive: true });
      }
      await bundleProgram();
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

/**
 * Has the source map of the bundle name the files of packages without their lines: the first error that is logged loads the
 * map, which would take 30 MB of memory with them.
 */
const withoutLines = {
  name: "without-lines",
  setup(bundling) {
    bundling.onLoad({ filter: /\/node_modules\/.*\.[cm]?js$/ }, ({ path }) => {
      const map = JSON.stringify({ version: 3, sources: [basename(path)], names: [], mappings: "AAAA" });
      const comment = `//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}`;
      return { contents: `${readFileSync(path, "utf8")}\n${comment}`, loader: "js" };
    });
  },
};

/** Bundles the program with its packages: it starts in less than half the time that a thousand modules take to load. */
async function bundleProgram() {
  const { build: bundle } = await import("esbuild");
  const { metafile } = await bundle({
    ...{ entryPoints: ENTRIES.map((name) => `dist/src/${name}.js`), entryNames: "[name]", outdir: PROGRAM },
    ...{ bundle: true, splitting: true, format: "esm", platform: "node", target: "node20", external: UNBUNDLED },
    ...{ sourcemap: true, sourcesContent: false, legalComments: "none", metafile: true, logLevel: "warning" },
    plugins: [withoutLines],
    define: { __dirname: "import.meta.dirname" },
    // Packages in CommonJS require Node.js' own modules.
    banner: { js: 'import { createRequire as of } from "node:module"; const require = of(import.meta.url);' },
  });
  for (const file of readdirSync(PROGRAM).filter((name) => name.endsWith(".js"))) nameClasses(`${PROGRAM}/${file}`);
  writeFileSync(`${PROGRAM}/LICENSES.txt`, licensesOf(Object.keys(metafile.inputs)));
}

/** Gives classes back their names, which logs show: esbuild turns a class that uses itself into `var Name = class _Name`. */
function nameClasses(path) {
  const text = readFileSync(path, "utf8");
  const names = [...text.matchAll(/^var (\w+) = class _\1 /gm)].map(([, name]) => name);
  if (names.length === 0) return;
  const naming = `for (const [name, value] of Object.entries({ ${names.join(", ")} })) Object.defineProperty(value, "name", { value: name });`;
  writeFileSync(path, text.replace(/(?=\n\/\/# sourceMappingURL=)/, `\n${naming}`));
}

/** Returns the licenses of the packages that files belong to, which have to be part of every copy. */
function licensesOf(inputs) {
  const folders = new Set(inputs.map((file) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0]));
  folders.delete(undefined);
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license, repository } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
    const text = file === undefined ? "" : `\n${readFileSync(`${folder}/${file}`, "utf8").trim()}\n`;
    return `${name} ${version}\nLicense: ${license}\nFrom: ${repository?.url ?? repository}\n${text}`;
  });
  return `This program contains the following packages.\n\n${texts.join(`\n${"-".repeat(80)}\n\n`)}`;
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
  for (const file of [
    "build.js",
    "package.json",
    "package-lock.json",
    ...sources.flatMap((source) => files(source, without)),
  ]) {
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
    return [COMPILER, "esbuild", "vite"].every((name) => require.resolve(`${name}/package.json`));
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
async function build(name, stamp) {
  writeStamps({ ...readStamps(), [name]: "" });
  for (const output of parts[name].outputs) rmSync(output, { recursive: true, force: true });
  await parts[name].build();
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
  for (const name of stale) await build(name, stamps[name]);
} else if (asked.every(isBuilt)) {
  console.error(`The sources (${stale.join(", ")}) are newer than the build, which is used anyway. To rebuild: ${how}`);
} else {
  console.error(`The build and the build tools are missing. Run: ${how}`);
  process.exit(1);
}
