import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Resolves the client to its source, so that it need not be built first. */
export const clientSource = {
  "@satoshigle/client/wallets": path("../client/wallets/index.ts"),
  "@satoshigle/client": path("../client/index.ts"),
};

/** Builds the page into `dist/demo`. Nothing is inlined, because the content security policy forbids it. */
export default defineConfig({
  root: path("."),
  resolve: { alias: clientSource },
  build: {
    outDir: path("../../dist/demo"),
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
