import { build, type Metafile } from "esbuild";
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { clientSource } from "../../src/demo/vite.config.js";

/** What the README's example may be for a browser, in bytes, compressed. Two thirds are Connect's and Protobuf's runtime. */
const BUDGET = 55_500;

/** The README's example of a call. */
async function example(): Promise<string> {
  const code = /```ts\n(import[^`]*"@satoshigle\/client"[^]*?)```/.exec(await readFile("README.md", "utf8"))?.[1];
  if (code === undefined) throw new Error("the README has no example of the client");
  return code;
}

/** The entry of a bundle and what it loads at once. */
function loadedAtOnce({ outputs }: Metafile): Set<string> {
  const paths = new Set(Object.keys(outputs).filter((path) => outputs[path]?.entryPoint === "<stdin>"));
  for (const path of paths) {
    for (const { path: chunk, kind } of outputs[path]?.imports ?? []) if (kind === "import-statement") paths.add(chunk);
  }
  return paths;
}

/** The minified size of each package and of each folder of ours, in bytes. */
function shares({ outputs }: Metafile, paths: ReadonlySet<string>): Record<string, number> {
  const sizes: Record<string, number> = {};
  const inputs = [...paths].flatMap((path) => Object.entries(outputs[path]?.inputs ?? {}));
  for (const [path, { bytesInOutput }] of inputs) {
    const name =
      /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? /src\/client\/(\w+)(?=\/)/.exec(path)?.[1] ?? "client";
    sizes[name] = (sizes[name] ?? 0) + bytesInOutput;
  }
  return Object.fromEntries(Object.entries(sizes).sort(([, a], [, b]) => b - a));
}

it("gives browsers a small client, without validation rules and wallets", async () => {
  const { metafile, outputFiles } = await build({
    stdin: { contents: await example(), loader: "ts", resolveDir: "." },
    alias: clientSource,
    ...{ bundle: true, minify: true, format: "esm", target: "es2022", write: false, metafile: true },
    ...{ splitting: true, outdir: "bundle" },
  });
  const paths = loadedAtOnce(metafile);
  const sizes = shares(metafile, paths);
  const isLoaded = (file: string) => [...paths].some((path) => file.endsWith(`/${path}`));
  const files = outputFiles.filter(({ path }) => isLoaded(path)).map(({ contents }) => contents);
  const bytes = files.reduce((sum, contents) => sum + gzipSync(contents, { level: 9 }).length, 0);
  expect(bytes, JSON.stringify(sizes)).toBeLessThan(BUDGET);
  expect(bytes).toBeGreaterThan(BUDGET / 2);
  const runtime = ["@bufbuild/protobuf", "@connectrpc/connect", "@connectrpc/connect-web"];
  const folders = ["call", "tips", "connection", "gen", "matching", "client", "wallets"];
  expect([...runtime, ...folders]).toEqual(expect.arrayContaining(Object.keys(sizes)));
  expect(sizes.check).toBeUndefined(); // loaded when a person tests their connection
  expect(sizes.wallets ?? 0).toBeLessThan(200); // PaymentFailed
});
