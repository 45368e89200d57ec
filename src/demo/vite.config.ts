import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { cssFallbacks } from "./css-fallbacks.js";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Resolves the client to its source, so that it need not be built first. */
export const clientSource = {
  "@satoshigle/client/appeals": path("../client/appeals/index.ts"),
  "@satoshigle/client/deposits": path("../client/deposits/index.ts"),
  "@satoshigle/client/screening": path("../client/screening/index.ts"),
  "@satoshigle/client/wallets": path("../client/wallets/index.ts"),
  "@satoshigle/client": path("../client/index.ts"),
};

/** The oldest browsers that the page supports. Syntax is checked when the page is built, styles have fallbacks. */
export const OLDEST_BROWSERS = ["chrome100", "firefox100", "safari15.4"];

/** The words of the page that it needs without JavaScript: of every language, as the server does not choose one. */
function wordsWithoutScript(): Plugin {
  const folder = path("catalogue/");
  const catalogues = readdirSync(folder).map((file) => {
    const words = JSON.parse(readFileSync(folder + file, "utf8")) as Record<string, string>;
    return { language: file.replace(".json", ""), words };
  });
  const english = catalogues.find(({ language }) => language === "en");
  const lines = catalogues.map(({ language, words }) => {
    return `<p lang="${language}" dir="auto">${words["page.noScript"] ?? ""}</p>`;
  });
  return {
    name: "words-without-script",
    transformIndexHtml: (html) =>
      html
        .replace("%DESCRIPTION%", english?.words["page.description"] ?? "")
        .replace("<noscript></noscript>", `<noscript>${lines.join("")}</noscript>`),
  };
}

/** Builds the page into `dist/demo`. Nothing is inlined, because the content security policy forbids it. */
export default defineConfig({
  root: path("."),
  plugins: [wordsWithoutScript()],
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
