import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Builds the console into `dist/console`. Nothing is inlined, because the content security policy forbids it. */
export default defineConfig({
  root: path("."),
  build: {
    outDir: path("../../dist/console"),
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
