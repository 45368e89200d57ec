import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { cssFallbacks } from "./css-fallbacks.js";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Resolves the client to its source, so that it need not be built first. */
export const clientSource = {
  "@satoshigle/client/wallets": path("../client/wallets/index.ts"),
  "@satoshigle/client": path("../client/index.ts"),
};

/** The oldest browsers that the page supports. Syntax is checked when the page is built, styles have fallbacks. */
export const OLDEST_BROWSERS = ["chrome100", "firefox100", "safari15.4"];

/** Builds the page into `dist/demo`. Nothing is inlined, because the content security policy forbids it. */
export default defineConfig({
  root: path("."),
  resolve: { alias: clientSource },
  css: { postcss: { plugins: [cssFallbacks()] } },
  build: {
    outDir: path("../../dist/demo"),
    emptyOutDir: true,
    target: OLDEST_BROWSERS,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
