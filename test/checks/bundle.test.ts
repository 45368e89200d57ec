import { build, type Metafile } from "esbuild";
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { clientSource } from "../../src/demo/vite.config.js";

/** Limit of the README's example, in compressed bytes. Two thirds are the runtimes of Connect and Protobuf. */
const BUDGET = 55_500;

/** The README's example of a call. */
async function example(): Promise<string> {
  const code = /```ts\n(import[^`]*"@satoshigle\/client"[^]*?)```/.exec(await readFile("README.md", "utf8"))?.[1];
  if (code === undefined) throw new Error("the README has no example of the client");
  return code;
}

/** The minified size of each package and of each of our folders, in bytes. */
function shares({ outputs }: Metafile): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const [path, { bytesInOutput }] of Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs))) {
    const name =
      /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? /src\/client\/(\w+)(?=\/)/.exec(path)?.[1] ?? "client";
    sizes[name] = (sizes[name] ?? 0) + bytesInOutput;
  }
  return Object.fromEntries(Object.entries(sizes).sort(([, a], [, b]) => b - a));
}

it("the client is small, without validation rules and wallets", async () => {
  const { metafile, outputFiles } = await build({
    stdin: { contents: await example(), loader: "ts", resolveDir: "." },
    alias: clientSource,
    ...{ bundle: true, minify: true, format: "esm", target: "es2022", write: false, metafile: true },
  });
  const sizes = shares(metafile);
  const bytes = gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length;
  expect(bytes, JSON.stringify(sizes)).toBeLessThan(BUDGET);
  expect(bytes).toBeGreaterThan(BUDGET / 2);
  const runtime = ["@bufbuild/protobuf", "@connectrpc/connect", "@connectrpc/connect-web"];
  const folders = ["call", "tips", "connection", "gen", "matching", "client", "wallets"];
  expect([...runtime, ...folders]).toEqual(expect.arrayContaining(Object.keys(sizes)));
  expect(sizes.wallets ?? 0).toBeLessThan(200); // PaymentFailed
});
