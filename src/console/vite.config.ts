import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Builds the console into `dist/console`. Its content security policy allows no inline code, so nothing is inlined. */
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
