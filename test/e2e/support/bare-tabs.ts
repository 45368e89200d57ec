import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { BrowserContext, Page } from "playwright-core";
import { buildScript } from "./tip-page-driver.js";

const HTML = `<!doctype html><title>A tab</title><script type="module" src="/bare.js"></script>`;

/** Pages with the client and no looks, all of one origin, which cost little. */
export class BareTabs {
  private constructor(
    private readonly context: BrowserContext,
    private readonly url: string,
  ) {}

  /** Pages of the server's own origin. */
  static async at(context: BrowserContext, origin: string): Promise<BareTabs> {
    const script = await buildScript("bare-page");
    await context.route(`${origin}/bare`, (route) => route.fulfill({ contentType: "text/html", body: HTML }));
    await context.route(`${origin}/bare.js`, (route) =>
      route.fulfill({ contentType: "text/javascript", body: script }),
    );
    return new BareTabs(context, `${origin}/bare#${encodeURIComponent(origin)}`);
  }

  /** Pages of another origin, from a site of their own. (What a test routes is lost when a page is closed.) */
  static of(context: BrowserContext, site: BareSite, serverUrl: string): BareTabs {
    return new BareTabs(context, `${site.origin}/bare#${encodeURIComponent(serverUrl)}`);
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

/** A site with such a page. */
export class BareSite {
  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async start(port: number): Promise<BareSite> {
    const script = await buildScript("bare-page");
    const server = createServer(({ url }, response) => {
      const isScript = url === "/bare.js";
      response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
      response.end(isScript ? script : HTML);
    }).listen(port, "127.0.0.1");
    await once(server, "listening");
    return new BareSite(server, `http://localhost:${String(port)}`);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
