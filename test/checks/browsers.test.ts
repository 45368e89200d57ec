import { transform } from "esbuild";
import postcss from "postcss";
import { build } from "vite";
import { beforeAll, expect, it } from "vitest";
import { apiUses } from "./support/browser-apis.js";
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

/** APIs that some of the oldest browsers lack, and how the code does without them. */
const optional: Record<string, string> = {
  "Document.exitPictureInPicture": "a browser without it shows no video picture-in-picture at a page's request",
  "HTMLMediaElement.setSinkId": "the choice of a speaker is not offered",
  "HTMLVideoElement.disablePictureInPicture": "the button of such a browser shows the video as it is",
  "HTMLVideoElement.playsInline": "other browsers play videos inline anyway",
  "Navigator.permissions": "the exception counts as not permitted",
  "Permissions.query": "the exception counts as not permitted",
  "RTCPeerConnection.connectionState": "the state of ICE takes its place",
};

it.each(["src/client/tsconfig.json", "src/demo/tsconfig.json"])("%s uses no API that they lack", (project) => {
  const uses = apiUses(project);
  expect(uses.length).toBeGreaterThan(300);
  const missing = uses.filter(({ name, since }) => {
    const isMissing = OLDEST_BROWSERS.some((browser) => {
      const [, engine = "", version = ""] = /^([a-z]+)(.*)$/.exec(browser) ?? [];
      return since(engine) > Number(version);
    });
    return isMissing && !(name in optional);
  });
  expect(missing.map(({ name, file }) => `${name} in ${file}`)).toEqual([]);
});
