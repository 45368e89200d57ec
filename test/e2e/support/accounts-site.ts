import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Browser, Page } from "playwright-core";
import { build, preview, type PreviewServer } from "vite";
import { expect } from "vitest";
import { createApp } from "../../../examples/accounts/app.js";
import { appSecret } from "../../support/app-keys.js";
import { freePort } from "../../support/ports.js";
import { ServerProcess } from "./server-process.js";

/** The folder of its page. */
export const ACCOUNTS_PAGE = "examples/accounts/page";
const PASSWORD = "correct horse battery staple";

/** The example app with accounts, its page, and a server that knows its users. */
export class AccountsSite {
  private constructor(
    private readonly browser: Browser,
    private readonly folder: string,
    readonly url: string,
    readonly server: ServerProcess,
    readonly internalUrl: string,
    private readonly app: FastifyInstance,
    private readonly site: PreviewServer,
  ) {}

  static async start(browser: Browser): Promise<AccountsSite> {
    const [port, internalPort] = [await freePort(), String(await freePort())];
    const url = `http://localhost:${String(port)}`;
    const server = await ServerProcess.start({
      ...{ IDENTITY_SECRET: appSecret, IDENTITY_REQUIRED: "true" },
      ...{ CLIENT_URL: url, INTERNAL_PORT: internalPort, TRUST_PROXY: "loopback" },
    });
    const folder = await mkdtemp(join(tmpdir(), "satoshigle-example-"));
    const app = createApp({ path: join(folder, "accounts.lmdb"), identitySecret: appSecret, isSecure: false });
    const proxy = { "/api": await app.listen({ port: 0, host: "127.0.0.1" }) };
    const outDir = join(folder, "page");
    const define = { "import.meta.env.VITE_SERVER": JSON.stringify(server.url) };
    const shared = { root: ACCOUNTS_PAGE, configFile: false as const, logLevel: "silent" as const };
    await build({ ...shared, define, build: { outDir } });
    const serving = { port, strictPort: true, host: "localhost", proxy };
    const site = await preview({ ...shared, build: { outDir }, preview: serving });
    return new AccountsSite(browser, folder, url, server, `http://127.0.0.1:${internalPort}`, app, site);
  }

  async close(): Promise<void> {
    await this.site.close();
    await this.app.close();
    await this.server.close();
    await rm(this.folder, { recursive: true });
  }

  /** Opens the page in a browser profile of its own, which reaches the server from an address. */
  async visit(address: string): Promise<Page> {
    const context = await this.browser.newContext({ permissions: ["camera", "microphone"] });
    context.setDefaultTimeout(60_000);
    await context.route(`${this.server.url}/**`, (route, request) =>
      route.continue({ headers: { ...request.headers(), "x-forwarded-for": address } }),
    );
    const page = await context.newPage();
    await page.goto(this.url);
    return page;
  }

  /** A new user at its page. The name must not be taken. */
  async register(name: string, address: string): Promise<Page> {
    const page = await this.visit(address);
    await enter(page, name, "register");
    return page;
  }
}

export async function enter(page: Page, name: string, button: "login" | "register"): Promise<void> {
  await page.locator("#name").fill(name);
  await page.locator("#password").fill(PASSWORD);
  await page.locator(`#${button}`).click();
  await page.locator("#me", { hasText: name }).waitFor();
}

export async function leave(...pages: Page[]): Promise<void> {
  for (const page of pages) await page.context().close();
}

/** How many frames of the partner's video a page has shown. */
export const frames = (page: Page) =>
  page.locator("#remote").evaluate((video: HTMLVideoElement) => video.getVideoPlaybackQuality().totalVideoFrames);

export async function says(page: Page, id: string, text: string | RegExp): Promise<void> {
  await page
    .locator(`#${id}`, { hasText: text })
    .waitFor()
    .catch(async () => {
      throw new Error(`#${id} does not say ${String(text)} in: ${await page.locator("body").innerText()}`);
    });
}

/** Both see each other. */
export async function seeEachOther(...pages: Page[]): Promise<void> {
  for (const page of pages) await says(page, "status", "In a call: connected");
  for (const page of pages) await expect.poll(() => frames(page), { timeout: 60_000 }).toBeGreaterThan(5);
}

/** The subject in the tokens that the app signs for the user of a page. */
export async function subjectOf(page: Page): Promise<string> {
  const token = await page.evaluate(async () => {
    const response = await fetch("/api/identity-token", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    return ((await response.json()) as { token: string }).token;
  });
  const claims = Buffer.from(token.split(".")[1] ?? "", "base64url").toString();
  return (JSON.parse(claims) as { sub: string }).sub;
}
