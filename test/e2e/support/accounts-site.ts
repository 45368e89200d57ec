import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Browser, Page } from "playwright-core";
import { build, preview, type PreviewServer } from "vite";
import { createApp } from "../../../examples/accounts/app.js";
import { Program } from "../../examples/program.js";
import { appSecret } from "../../support/app-keys.js";
import { GrpcClient, type ServiceName } from "../../support/grpc.js";
import { freePort } from "../../support/ports.js";
import { AccountsPage } from "./accounts-page.js";
import { launchBrowser, STILL } from "./chromium.js";
import { ServerProcess } from "./server-process.js";
import { PATIENCE_MS } from "../../support/patience.js";

export const PAGE_ROOT = "examples/accounts/page";
/** The address of users of whom it does not matter. */
const ANYWHERE = "192.0.2.1";

interface Parts {
  browser: Browser;
  server: ServerProcess;
  app: FastifyInstance;
  site: PreviewServer;
  folder: string;
  url: string;
  internalUrl: string;
}

/** The example with accounts as people run it: its app, its page, and a server with its attributes. */
export class AccountsSite {
  /** Part of each name, so that a test that is repeated finds none taken. */
  #attempt = 0;
  #pages: AccountsPage[] = [];

  private constructor(private readonly parts: Parts) {}

  /** @param given the browser of the users; by default Chromium */
  static async open(given?: Browser): Promise<AccountsSite> {
    const [port, internalPort] = [await freePort(), String(await freePort())];
    const url = `http://localhost:${String(port)}`;
    const browser = given ?? (await launchBrowser());
    const server = await ServerProcess.start({
      ...{ IDENTITY_SECRET: appSecret, IDENTITY_REQUIRED: "true", MATCHING_FILE: "examples/accounts/matching.yaml" },
      ...{ CLIENT_URL: url, INTERNAL_PORT: internalPort, TRUST_PROXY: "loopback" },
    });
    const folder = await mkdtemp(join(tmpdir(), "satoshigle-example-"));
    const app = createApp({ path: databaseIn(folder), identitySecret: appSecret, isSecure: false });
    const proxy = { "/api": await app.listen({ port: 0, host: "127.0.0.1" }) };
    const outDir = join(folder, "page");
    const define = { "import.meta.env.VITE_SERVER": JSON.stringify(server.url) };
    const shared = { root: PAGE_ROOT, configFile: false as const, logLevel: "silent" as const };
    await build({ ...shared, define, build: { outDir } });
    const served = { port, strictPort: true, host: "localhost", proxy };
    const site = await preview({ ...shared, build: { outDir }, preview: served });
    const internalUrl = `http://127.0.0.1:${internalPort}`;
    return new AccountsSite({ browser, server, app, site, folder, url, internalUrl });
  }

  async close(): Promise<void> {
    const { browser, site, app, server, folder } = this.parts;
    await browser.close();
    await site.close();
    await app.close();
    await server.close();
    await rm(folder, { recursive: true });
  }

  get url(): string {
    return this.parts.url;
  }

  /** Opens a page of the console. */
  async openConsole(): Promise<Page> {
    const { browser, internalUrl } = this.parts;
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...STILL });
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(internalUrl);
    return page;
  }

  /** Opens the page in a browser profile of its own, which reaches the server from an address. */
  async visit(address = ANYWHERE): Promise<AccountsPage> {
    const { browser, server, url } = this.parts;
    const page = await AccountsPage.open(browser, { url, serverUrl: server.url, address, suffix: this.#suffix });
    this.#pages.push(page);
    return page;
  }

  async register(name: string, wish: { address?: string; country?: string } = {}): Promise<AccountsPage> {
    const page = await this.visit(wish.address);
    await page.enter(name, "register", wish.country);
    return page;
  }

  /** Runs the command with which operators mark users, in a process of its own. */
  async mark(name: string, mark: "premium" | "text-only"): Promise<void> {
    const variables = { DATABASE: databaseIn(this.parts.folder) };
    const program = Program.startWith(variables, "accounts/mark.ts", `${name}${this.#suffix}`, mark);
    await program.printed(new RegExp(` is ${mark}; subject `));
  }

  /** Calls a service of the internal listener. */
  async call(service: ServiceName, method: string, request: object): Promise<Record<string, unknown>> {
    const client = new GrpcClient(service, this.parts.internalUrl);
    return client.call(method, request).finally(() => client.close());
  }

  /** All users leave the queue and their calls, so that the next test does not meet them. */
  async clear(): Promise<void> {
    await Promise.all(this.#pages.map((page) => page.leave()));
    this.#pages = [];
    this.#attempt++;
  }

  get #suffix(): string {
    return ` ${String(this.#attempt)}`;
  }
}

const databaseIn = (folder: string) => join(folder, "accounts.lmdb");
