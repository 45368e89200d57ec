import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Builds the page into `dist/demo`. The policy of the server allows files of its own only, so nothing is inlined. */
export default defineConfig({
  root: path("."),
  build: {
    outDir: path("../../dist/demo"),
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
