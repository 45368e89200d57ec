import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** The page is built from the client's source, so that nothing has to be built before it. */
export const clientSource = {
  "@satoshigle/client/wallets": path("../client/wallets/index.ts"),
  "@satoshigle/client": path("../client/index.ts"),
};

/** Builds the page into `dist/demo`. The policy of the server allows files of its own only, so nothing is inlined. */
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
