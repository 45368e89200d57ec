import type { BrowserContext, Page } from "playwright-core";
import { buildScript } from "./tipper.js";

/** Pages with the client and no looks, all of one origin, which cost little. */
export class BareTabs {
  private constructor(
    private readonly context: BrowserContext,
    private readonly url: string,
  ) {}

  /** @param origin of the pages */
  static async at(context: BrowserContext, origin: string, serverUrl: string): Promise<BareTabs> {
    const script = await buildScript("bare-page");
    const html = `<!doctype html><title>A tab</title><script type="module" src="/bare.js"></script>`;
    await context.route(`${origin}/bare`, (route) => route.fulfill({ contentType: "text/html", body: html }));
    await context.route(`${origin}/bare.js`, (route) =>
      route.fulfill({ contentType: "text/javascript", body: script }),
    );
    return new BareTabs(context, `${origin}/bare#${encodeURIComponent(serverUrl)}`);
  }

  /** Opens a tab whose stream is open. */
  async open(): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(this.url);
    await page.waitForFunction(() => "bare" in window);
    await page.evaluate(() => window.bare.client.connect());
    return page;
  }
}
