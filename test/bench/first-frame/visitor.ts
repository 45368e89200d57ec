import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type { Closer } from "../redis/closing.js";
import type { Home, Network } from "./network.js";

/** A picture without a new frame for so long stands still. */
const STANDSTILL_MS = 500;

declare global {
  interface Window {
    /** When the first frame of each stream of a partner was shown (`Date.now()` milliseconds). */
    firstFramesMs: number[];
    /** When each frame of a partner was shown. */
    framesMs: number[];
  }
}

/** Launches Chromium on the computer of a home, with a camera and microphone that send synthetic media. */
export async function launchAt(network: Network, home: Home, later: (closer: Closer) => void): Promise<Browser> {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-browser-"));
  const script = join(folder, "chromium");
  await writeFile(script, `#!/bin/sh\nexec ${network.on(home).join(" ")} /usr/bin/chromium "$@"\n`);
  await chmod(script, 0o755);
  const browser = await chromium.launch({
    executablePath: script,
    args: ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
  });
  later(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });
  return browser;
}

/** Somebody who has just opened a page, in a fresh profile: nothing is cached and no connection is open. */
export class Visitor {
  /** The names of the RPCs that the page has called. */
  readonly calls: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
  ) {
    page.on("request", (request) => {
      const name = /\/satoshigle\.v1\.\w+\/(\w+)$/.exec(request.url())?.[1];
      if (name !== undefined) this.calls.push(name);
    });
  }

  static async arrive(browser: Browser, url: string): Promise<Visitor> {
    const context = await browser.newContext({ permissions: ["camera", "microphone"], ignoreHTTPSErrors: true });
    await context.addInitScript({ path: fileURLToPath(new URL("./watch-frames.js", import.meta.url)) });
    const visitor = new Visitor(await context.newPage(), context);
    await visitor.page.goto(url);
    return visitor;
  }

  /** Presses a button. Returns when (`Date.now()` milliseconds). */
  press(testId: string): Promise<number> {
    return this.page.getByTestId(testId).evaluate((button: HTMLButtonElement) => {
      button.click();
      return Date.now();
    });
  }

  async untilWaiting(): Promise<void> {
    await this.page.waitForSelector('html[data-phase="waiting"]', { state: "attached" });
  }

  /** Waits for the first frame of a partner, counted from 0. Returns when it was shown. */
  async firstFrame(partner = 0): Promise<number> {
    await this.page.waitForFunction((index) => window.firstFramesMs.length > index, partner, { timeout: 20_000 });
    return this.page.evaluate((index) => window.firstFramesMs[index] ?? NaN, partner);
  }

  /** How long after this time the partner's picture moves without standing still again; infinite if it does not. */
  async movesAfter(sinceMs: number): Promise<number> {
    const framesMs = await this.page.evaluate(() => [...window.framesMs, Date.now()]);
    const later = framesMs.filter((ms) => ms >= sinceMs);
    const stands = later.filter((ms, index) => ms - (later[index - 1] ?? sinceMs) > STANDSTILL_MS);
    const lastMs = stands.at(-1) ?? sinceMs;
    return lastMs === framesMs.at(-1) ? Infinity : lastMs - sinceMs;
  }

  async leave(): Promise<void> {
    await this.context.close();
  }
}
