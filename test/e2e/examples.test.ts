import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { build, preview, type PreviewServer } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/ports.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";
import { PATIENCE_MS } from "../support/patience.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

describe.each(["minimal", "react"])("the example %s", (name) => {
  const root = `examples/${name}`;
  let server: ServerProcess;
  let site: PreviewServer;
  let outDir: string;
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://localhost:${String(port)}`;
    server = await ServerProcess.start({ CLIENT_URL: url });
    outDir = await mkdtemp(join(tmpdir(), "satoshigle-example-"));
    const define = { "import.meta.env.VITE_SERVER": JSON.stringify(server.url) };
    const shared = { root, configFile: false as const, logLevel: "silent" as const };
    await build({ ...shared, define, build: { outDir, emptyOutDir: true } });
    site = await preview({ ...shared, build: { outDir }, preview: { port, strictPort: true, host: "localhost" } });
  });
  afterAll(async () => {
    await site.close();
    await server.close();
    await rm(outDir, { recursive: true });
  });

  async function open(): Promise<Page> {
    const context = await browser.newContext({ permissions: ["camera", "microphone"] });
    const page = await context.newPage();
    await page.goto(url);
    await page.locator("#start").click();
    return page;
  }

  const frames = (page: Page) =>
    page.locator("#remote").evaluate((video: HTMLVideoElement) => video.getVideoPlaybackQuality().totalVideoFrames);

  it("type-checks", () => {
    execFileSync(process.execPath, ["node_modules/typescript-native/bin/tsc", "-p", root], { stdio: "pipe" });
  });

  it("connects two pages until one presses Next", async () => {
    const [one, other] = [await open(), await open()];
    for (const page of [one, other]) await expect.poll(() => frames(page), { timeout: PATIENCE_MS }).toBeGreaterThan(5);
    if (name === "minimal") {
      await one.locator("#line").fill("hello");
      await one.locator("#line").press("Enter");
      await other.locator("#lines", { hasText: "partner: hello" }).waitFor();
    }
    await one.locator("#next").click();
    for (const page of [one, other]) await page.locator("#status", { hasText: /waiting/i }).waitFor();
    await Promise.all([one.context().close(), other.context().close()]);
  });
});
