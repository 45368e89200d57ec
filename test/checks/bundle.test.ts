import { build, type Metafile } from "esbuild";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { clientSource } from "../../src/demo/vite.config.js";

/** Limits of what the README's example loads with the page, and with the first tip, in compressed bytes. */
const [BUDGET, TIPS_BUDGET] = [40_000, 9_000];

/** How far a size in the documentation may be off: enough for a change, too little for a new library. */
const isClose = (bytes: number, documented: number) => Math.abs(bytes - documented) < Math.max(1_000, bytes / 5);

/** The README's example of a call. */
function example(): string {
  const code = /```ts\n(import[^`]*"@satoshigle\/client"[^]*?)```/.exec(readFileSync("README.md", "utf8"))?.[1];
  if (code === undefined) throw new Error("the README has no example of the client");
  return code;
}

type Outputs = Metafile["outputs"];

/** The names of the files that load with the page: the example's own and what it imports statically. */
function filesAtStart(outputs: Outputs): Set<string> {
  const found = new Set(Object.keys(outputs).filter((name) => outputs[name]?.entryPoint === "<stdin>"));
  for (const name of found) {
    for (const { path, kind } of outputs[name]?.imports ?? []) if (kind === "import-statement") found.add(path);
  }
  return found;
}

/** Where a source file belongs in the documentation's table. */
function partOf(path: string): string {
  const library = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
  return library ?? /src\/client\/(\w+)(?=\/)/.exec(path)?.[1] ?? "client";
}

/** The minified size of each part, in bytes. */
function partSizes(outputs: Outputs, names: Iterable<string>): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const name of names) {
    for (const [path, { bytesInOutput }] of Object.entries(outputs[name]?.inputs ?? {})) {
      const part = partOf(path);
      sizes[part] = (sizes[part] ?? 0) + bytesInOutput;
    }
  }
  return sizes;
}

/** The sizes in the documentation, in bytes: of each part as minified, and of both downloads as compressed. */
function documented(): { parts: Record<string, number>; start: number; tips: number } {
  const page = readFileSync("docs/benchmarks.md", "utf8");
  const rows = [...page.matchAll(/^\| `([^`]+)`[^|]*\| +([\d.]+) KB/gm)];
  const size = (pattern: RegExp) => Number(pattern.exec(page)?.[1]) * 1_000;
  return {
    parts: Object.fromEntries(rows.map(([, name = "", kilobytes]) => [name, Number(kilobytes) * 1_000])),
    start: size(/([\d.]+) KB when the page loads/),
    tips: size(/([\d.]+) KB with the first tip/),
  };
}

describe("the client in a page", () => {
  let sizes: Record<string, number>;
  let [start, tips] = [0, 0];
  beforeAll(async () => {
    const { metafile, outputFiles } = await build({
      stdin: { contents: example(), loader: "ts", resolveDir: "." },
      alias: clientSource,
      ...{ bundle: true, minify: true, splitting: true, format: "esm", target: "es2022", outdir: "out" },
      ...{ write: false, metafile: true },
    });
    const names = Object.keys(metafile.outputs);
    const atStart = filesAtStart(metafile.outputs);
    const compressed = outputFiles.map(({ contents }) => gzipSync(contents, { level: 9 }).length);
    const sizeOf = (some: string[]) => some.reduce((sum, name) => sum + (compressed[names.indexOf(name)] ?? 0), 0);
    start = sizeOf([...atStart]);
    tips = sizeOf(names.filter((name) => name.includes("/tipping-")));
    sizes = partSizes(metafile.outputs, atStart);
  });

  it("is small, and smaller without tips", () => {
    expect(start, JSON.stringify(sizes)).toBeLessThan(BUDGET);
    expect(start).toBeGreaterThan(BUDGET / 2);
    expect(tips).toBeLessThan(TIPS_BUDGET);
    expect(tips).toBeGreaterThan(TIPS_BUDGET / 2);
  });

  it("has no validation rules, no wallets, and no library but two", () => {
    const libraries = ["@bufbuild/protobuf", "@connectrpc/connect"];
    const folders = ["call", "tips", "connection", "gen", "matching", "client", "wallets"];
    expect(Object.keys(sizes).sort()).toEqual([...libraries, ...folders].sort());
    expect(sizes.wallets).toBeLessThan(200); // PaymentFailed
  });

  it("is as large as the documentation says", () => {
    const { parts, start: documentedStart, tips: documentedTips } = documented();
    expect(Object.keys(parts).sort()).toEqual(
      Object.keys(sizes)
        .filter((name) => name !== "wallets")
        .sort(),
    );
    const off = Object.entries(parts).filter(([name, bytes]) => !isClose(sizes[name] ?? 0, bytes));
    expect(off, JSON.stringify(sizes)).toEqual([]);
    expect(isClose(start, documentedStart) && isClose(tips, documentedTips)).toBe(true);
  });
});
