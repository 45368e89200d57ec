import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { build } from "vite";
import { expect } from "vitest";
import type { SatsStream, Tip } from "../../../src/client/index.js";
import type { LightningNode } from "../../support/lightning/node.js";
import { exposeWebln } from "../../support/lightning/webln.js";
import type { TipPage } from "./tip-page.js";

const PATIENCE = { timeout: 30_000 };

declare global {
  interface Window {
    page: TipPage;
    /** Sats by the minute that a test began. */
    sats?: SatsStream;
  }
}

/** The page's script, as one text. */
export function buildTipPage(): Promise<string> {
  return buildScript("tip-page");
}

/** One of the scripts beside this one, as one text. */
export async function buildScript(name: string): Promise<string> {
  const entry = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const made = await build({
    ...{ configFile: false, logLevel: "error" },
    build: { write: false, lib: { entry, formats: ["es"] }, rolldownOptions: { output: { codeSplitting: false } } },
  });
  const output = Array.isArray(made) ? made[0] : made;
  if (output === undefined || !("output" in output)) throw new Error("nothing was built");
  return output.output[0].code;
}

/** Somebody with a wallet, on a page that has the client and no looks. */
export class Tipper {
  private constructor(
    readonly page: Page,
    readonly context: BrowserContext,
    readonly url: string,
  ) {}

  /** @param wallet a node for the browser's wallet, or a connection string of Nostr Wallet Connect */
  static async arrive(browser: Browser, url: string, script: string, wallet: LightningNode | string): Promise<Tipper> {
    const permissions = ["camera", "microphone", "local-network-access"]; // the last one for a relay on loopback
    const context = await browser.newContext({ permissions });
    const html = `<!doctype html><video autoplay muted></video><script type="module" src="/tip-page.js"></script>`;
    await context.route(`${url}/tip-page`, (route) => route.fulfill({ contentType: "text/html", body: html }));
    await context.route(`${url}/tip-page.js`, (route) =>
      route.fulfill({ contentType: "text/javascript", body: script }),
    );
    if (typeof wallet !== "string") await exposeWebln(context, wallet);
    const tipper = new Tipper(await context.newPage(), context, url);
    await tipper.open(typeof wallet === "string" ? wallet : undefined);
    return tipper;
  }

  /** The same person in a new tab. */
  async reopen(): Promise<Tipper> {
    const tipper = new Tipper(await this.context.newPage(), this.context, this.url);
    await tipper.open();
    return tipper;
  }

  /** Looks for somebody with the same interest. */
  async start(interest: string): Promise<void> {
    await this.page.evaluate(async (one) => {
      await window.page.client.setMedia(await navigator.mediaDevices.getUserMedia({ video: true, audio: true }));
      await window.page.client.start({ interests: [one] });
    }, interest);
  }

  /** Until the call with the partner is connected. */
  async connected(): Promise<void> {
    await this.page.waitForFunction(() => {
      const { activity } = window.page.client.state;
      return activity.phase === "matched" && activity.call === "connected";
    }, PATIENCE);
  }

  next(): Promise<void> {
    return this.page.evaluate(() => window.page.client.next());
  }

  /** Offers a tip; gives its id. The wallet pays by itself. */
  tip(amountMsat: number): Promise<string> {
    return this.page.evaluate(async (amount) => (await window.page.client.tip(amount, "well said")).id, amountMsat);
  }

  /** Until this page was told that a tip is in a state. */
  async hears(id: string, state: Tip["state"]): Promise<void> {
    await expect.poll(async () => (await this.told(id)).includes(state), PATIENCE).toBe(true);
  }

  /** What this page was told of a tip, in order. */
  told(id: string): Promise<Tip["state"][]> {
    return this.page.evaluate((one) => window.page.told.filter((tip) => tip.id === one).map((tip) => tip.state), id);
  }

  /** The tips that this page was told are settled. */
  settled(): Promise<string[]> {
    return this.page.evaluate(() => window.page.told.filter((tip) => tip.state === "settled").map((tip) => tip.id));
  }

  /** What they add up to. */
  settledMsat(): Promise<number> {
    return this.page.evaluate(() =>
      window.page.told.reduce((sum, { state, amountMsat }) => sum + (state === "settled" ? amountMsat : 0), 0),
    );
  }

  private async open(connection?: string): Promise<void> {
    await this.page.goto(`${this.url}/tip-page`);
    await this.page.waitForFunction(() => "page" in window);
    await this.page.evaluate((text) => window.page.useWallet(text), connection);
    await this.page.evaluate(() => window.page.client.connect());
  }
}
