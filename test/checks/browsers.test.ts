import { transform } from "esbuild";
import postcss from "postcss";
import { build } from "vite";
import { beforeAll, expect, it } from "vitest";
import { olderValue } from "../../src/demo/css-fallbacks.js";
import config, { OLDEST_BROWSERS } from "../../src/demo/vite.config.js";

/** All of them have these, but esbuild rewrites them for browsers that know fewer properties. */
const supported = { "regexp-unicode-property-escapes": true };

let scripts: string[];
let styles: string[];
beforeAll(async () => {
  const made = await build({
    ...config,
    configFile: false,
    logLevel: "error",
    build: { ...config.build, write: false },
  });
  const output = (Array.isArray(made) ? made : [made]).flatMap((one) => ("output" in one ? one.output : []));
  scripts = output.flatMap((file) => (file.type === "chunk" ? [file.code] : []));
  styles = output.flatMap((file) =>
    file.type === "asset" && file.fileName.endsWith(".css") ? [String(file.source)] : [],
  );
});

it("builds scripts without syntax that the oldest browsers lack", async () => {
  expect(scripts.length).toBeGreaterThan(0);
  for (const script of scripts) {
    const [now, lowered] = await Promise.all(
      ["esnext", OLDEST_BROWSERS].map(async (target) => (await transform(script, { target, supported })).code),
    );
    expect(lowered === now).toBe(true);
  }
});

it("builds styles with a fallback for each value that the oldest browsers lack", () => {
  const missing: string[] = [];
  let fallbacks = 0;
  for (const style of styles) {
    postcss.parse(style).walkDecls((declaration) => {
      const older = olderValue(declaration.value);
      const { parent } = declaration;
      if (older === declaration.value || parent?.parent?.type === "atrule") return;
      const before = parent?.nodes.slice(0, parent.index(declaration)) ?? [];
      const isCovered = before.some(
        (one) => one.type === "decl" && one.prop === declaration.prop && olderValue(one.value) === one.value,
      );
      if (isCovered) fallbacks++;
      else missing.push(`${declaration.prop}: ${declaration.value}`);
    });
  }
  expect(missing).toEqual([]);
  expect(fallbacks).toBeGreaterThan(10);
});
