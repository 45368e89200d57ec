import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Rolldown, build } from "vite";
import { launchChromium } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";
import { PATIENCE_MS } from "../support/patience.js";

const page = `<video id="remote" autoplay muted></video><p id="status"></p><button id="next"></button><button id="stop"></button>`;

let browser: Browser;
let server: ServerProcess;
let folder: string;

beforeAll(async () => {
  browser = await launchChromium();
  server = await ServerProcess.start();
  folder = await mkdtemp("test/e2e/example-");
});
afterAll(async () => {
  await browser.close();
  await server.close();
  await rm(folder, { recursive: true });
});

/** The first example that uses the client, with the URL of this server. */
async function example(from: string): Promise<string> {
  const code = /```ts\n(import[^`]*"@satoshigle\/client"[^]*?)```/.exec(await readFile(from, "utf8"))?.[1];
  if (code === undefined) throw new Error(`${from} has no example of the client`);
  return code.replace("https://chat.example.com", server.url);
}

/** Writes an example to a file and checks its types as in a strict project with our package. */
async function checkedFile(from: string): Promise<string> {
  const file = join(folder, `${basename(from, ".md")}.ts`);
  await writeFile(file, await example(from));
  const options =
    "--ignoreConfig --noEmit --strict --skipLibCheck --target es2022 --module nodenext --lib es2022,dom,dom.iterable";
  execFileSync(process.execPath, ["node_modules/typescript-native/bin/tsc", ...options.split(" "), file], {
    stdio: "pipe",
  });
  return file;
}

/** The example, bundled for a page with our package. */
async function bundle(file: string): Promise<string> {
  const output = await build({
    logLevel: "silent",
    configFile: false,
    build: {
      ...{ write: false, target: "es2022", lib: { entry: file, formats: ["es"] } },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  return (output as Rolldown.RolldownOutput[])[0]?.output[0].code ?? "";
}

async function open(script: string): Promise<Page> {
  const context = await browser.newContext({ permissions: ["camera", "microphone"] });
  const tab = await context.newPage();
  await tab.route("**/example", (route) => route.fulfill({ contentType: "text/html", body: page }));
  await tab.goto(`${server.url}/example`);
  await tab.addScriptTag({ type: "module", content: script });
  return tab;
}

it("the README's example works in another page", async () => {
  const script = await bundle(await checkedFile("README.md"));
  const tabs = [await open(script), await open(script)];
  for (const tab of tabs) {
    const frames = () =>
      tab.locator("#remote").evaluate((v: HTMLVideoElement) => v.getVideoPlaybackQuality().totalVideoFrames);
    await expect.poll(frames, { timeout: PATIENCE_MS }).toBeGreaterThan(5);
  }
});

it.each(["docs/client.md", "docs/identity.md"])("the example of %s type-checks", async (page) => {
  await checkedFile(page);
});
