import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { build } from "vite";
import { expect } from "vitest";
import type { SatsStream, Tip } from "../../../src/client/index.js";
import type { LightningNode } from "../../support/lightning/node.js";
import { exposeWebln } from "../../support/lightning/webln.js";
import type { TipPage } from "./tip-page.js";
import { PATIENCE_MS } from "../../support/patience.js";

const PATIENCE = { timeout: PATIENCE_MS };

declare global {
  interface Window {
    page: TipPage;
    /** The stream of tips that a test started. */
    sats?: SatsStream;
  }
}

/** The bundled script of the page. */
export function buildTipPage(): Promise<string> {
  return buildScript("tip-page");
}

/** A bundled script of this folder. */
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

/** Drives a page that has the client, a wallet and no user interface. */
export class TipPageDriver {
  private constructor(
    readonly page: Page,
    readonly context: BrowserContext,
    readonly url: string,
  ) {}

  /** @param wallet a node for the browser's wallet, or a connection string of Nostr Wallet Connect */
  static async arrive(
    browser: Browser,
    url: string,
    script: string,
    wallet: LightningNode | string,
  ): Promise<TipPageDriver> {
    const permissions = ["camera", "microphone", "local-network-access"]; // the last one is for a relay on loopback
    const context = await browser.newContext({ permissions });
    const html = `<!doctype html><video autoplay muted></video><script type="module" src="/tip-page.js"></script>`;
    await context.route(`${url}/tip-page`, (route) => route.fulfill({ contentType: "text/html", body: html }));
    await context.route(`${url}/tip-page.js`, (route) =>
      route.fulfill({ contentType: "text/javascript", body: script }),
    );
    if (typeof wallet !== "string") await exposeWebln(context, wallet);
    const tipper = new TipPageDriver(await context.newPage(), context, url);
    await tipper.open(typeof wallet === "string" ? wallet : undefined);
    return tipper;
  }

  /** A new tab of the same browser profile. */
  async reopen(): Promise<TipPageDriver> {
    const tipper = new TipPageDriver(await this.context.newPage(), this.context, this.url);
    await tipper.open();
    return tipper;
  }

  /** Starts a search with this interest. */
  async start(interest: string): Promise<void> {
    await this.page.evaluate(async (one) => {
      await window.page.client.setMedia(
        await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 180 }, audio: true }),
      );
      await window.page.client.start({ interests: [one] });
    }, interest);
  }

  /** Waits until the call is connected. */
  async connected(): Promise<void> {
    await this.page.waitForFunction(() => {
      const { activity } = window.page.client.state;
      return activity.phase === "matched" && activity.call === "connected";
    }, PATIENCE);
  }

  next(): Promise<void> {
    return this.page.evaluate(() => window.page.client.next());
  }

  /** Offers a tip, which the wallet pays automatically. Returns its ID. */
  tip(amountMsat: number): Promise<string> {
    return this.page.evaluate(async (amount) => (await window.page.client.tip(amount, "well said")).id, amountMsat);
  }

  /** Waits until this page has received a state of a tip. */
  async untilReceived(id: string, state: Tip["state"]): Promise<void> {
    await expect.poll(async () => (await this.statesOf(id)).includes(state), PATIENCE).toBe(true);
  }

  /** The states of a tip that this page received, in order. */
  statesOf(id: string): Promise<Tip["state"][]> {
    return this.page.evaluate(
      (one) => window.page.received.filter((tip) => tip.id === one).map((tip) => tip.state),
      id,
    );
  }

  /** The settled tips that this page received. */
  settled(): Promise<string[]> {
    return this.page.evaluate(() => window.page.settled().map((tip) => tip.id));
  }

  /** The sum of the settled tips. */
  settledMsat(): Promise<number> {
    return this.page.evaluate(() => window.page.settled().reduce((sum, { amountMsat }) => sum + amountMsat, 0));
  }

  private async open(connection?: string): Promise<void> {
    await this.page.goto(`${this.url}/tip-page`);
    await this.page.waitForFunction(() => "page" in window);
    await this.page.evaluate((text) => window.page.useWallet(text), connection);
    await this.page.evaluate(() => window.page.client.connect());
  }
}
