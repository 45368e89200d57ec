import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build as bundle } from "esbuild";

const PARTS = ["server", "client", "page", "console"] as const;
type Part = (typeof PARTS)[number];

/** State shared by all projects of a run, each of which loads its own modules. */
const shared = globalThis as { satoshigleBuilt?: Set<Part>; satoshiglePrograms?: Promise<unknown> };

/** Builds parts of what `npm start` runs, by default all of them, once per test run. */
export function build(...parts: Part[]): void {
  const built = (shared.satoshigleBuilt ??= new Set());
  const asked = (parts.length > 0 ? parts : PARTS).filter((part) => !built.has(part));
  if (asked.length === 0) return;
  execFileSync(process.execPath, ["build.js", ...asked], { stdio: ["ignore", "ignore", "inherit"] });
  for (const part of asked) built.add(part);
}

/** Programs that tests run in separate processes. */
const PROGRAMS = [
  "test/adapters/support/claimer.ts",
  "test/adapters/support/lmdb-writer.ts",
  "test/adapters/support/tip-writer.ts",
  "test/attacks/support/subject.ts",
  "test/e2e/support/firefox-bridge.ts",
  "test/lightning/support/channel-opener.ts",
  "test/support/lightning/payment-service-program.ts",
];
const OUTPUT = "dist/test";
/** Packages with native code or worker threads, which find their own files. */
const UNBUNDLED = ["lmdb", "pino", "ws"];

/** Compiles these programs once per test run: they start sooner without a compiler in each process. */
export async function compilePrograms(): Promise<void> {
  build("server");
  await (shared.satoshiglePrograms ??= bundle({
    ...{ entryPoints: PROGRAMS, outdir: OUTPUT, entryNames: "[name]", sourcemap: true, logLevel: "error" },
    ...{ bundle: true, splitting: true, platform: "node", format: "esm", target: "node20", external: UNBUNDLED },
    define: { "import.meta.url": JSON.stringify(pathToFileURL("dist/server/main.js")) }, // where the sources find files
    banner: { js: 'import { createRequire as of } from "node:module"; const require = of(import.meta.filename);' },
  }));
}

/** Returns the path of a compiled program. */
export function programNamed(name: string): string {
  return resolve(OUTPUT, `${name}.js`);
}
