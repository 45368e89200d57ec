import { buildSync } from "esbuild";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { rm } from "node:fs/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Satoshigle } from "../../src/client/index.js";
import { makeCertificate } from "../support/certificate.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";

declare global {
  interface Window {
    Satoshigle: typeof Satoshigle;
  }
}

let browser: Browser;
let pages: http.Server;
let origin: string;

beforeAll(async () => {
  browser = await launchBrowser("--ignore-certificate-errors");
  const entry = { contents: 'export { Satoshigle } from "./src/client/index.ts"', resolveDir: process.cwd() };
  const built = buildSync({ stdin: entry, bundle: true, format: "iife", globalName: "client", write: false });
  const script = `${built.outputFiles[0]?.text ?? ""};window.Satoshigle = client.Satoshigle;`;
  pages = http.createServer((request, response) => {
    const isScript = request.url === "/client.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : '<script src="/client.js"></script>');
  });
  await once(pages.listen(0, "127.0.0.1"), "listening");
  origin = `http://localhost:${String((pages.address() as AddressInfo).port)}`;
});
afterAll(async () => {
  await browser.close();
  pages.close();
});

/** A page of the other server, whose requests all carry these headers. */
async function open(headers: Record<string, string> = {}): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(origin);
  await page.evaluate((more) => {
    const plain = window.fetch.bind(window);
    window.fetch = (input, init) => {
      const all = new Headers(init?.headers);
      for (const [name, value] of Object.entries(more)) all.set(name, value);
      return plain(input, { ...init, headers: all });
    };
  }, headers);
  return page;
}

/** How a command of a client of this page ends, and what the client reported until then. */
function outcomeOf(page: Page, command: "start" | "connect", url: string) {
  const run = async ([name, server]: ["start" | "connect", string]) => {
    const chat = new window.Satoshigle(server);
    const errors: string[] = [];
    chat.on("error", (error) => errors.push(error.code));
    const end = await chat[name]().then(
      () => "done",
      (error: unknown) => (error as { code: string }).code,
    );
    return { end, errors, status: chat.state.connection.status };
  };
  return page.evaluate(run, [command, url] as ["start" | "connect", string]);
}

describe("a page of another server", () => {
  it.each(["start", "connect"] as const)("whose origin is refused learns it: %s settles", async (command) => {
    const server = await ServerProcess.start();
    const page = await open();
    const outcome = await outcomeOf(page, command, server.url);
    expect(outcome).toEqual({ end: "origin_denied", errors: ["origin_denied"], status: "closed" });
    expect(server.output).toContain(`to allow them, add ${origin} to CLIENT_URL`);
    await page.close();
    await server.close();
  });

  it("whose origin is allowed calls with the headers that monitoring adds", async () => {
    const server = await ServerProcess.start({ CLIENT_URL: origin });
    const page = await open({
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      tracestate: "vendor=1",
      baggage: "sentry-environment=production",
      "sentry-trace": "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
    });
    expect(await outcomeOf(page, "start", server.url)).toEqual({ end: "done", errors: [], status: "online" });
    await page.close();
    await server.close();
  });
});

describe("a browser with many cookies of the host", () => {
  /** A browser profile with so many cookies of so many characters. */
  async function profile(count: number, length: number): Promise<BrowserContext> {
    const context = await browser.newContext();
    const cookies = Array.from({ length: count }, (_, index) => ({
      ...{ name: `cookie-${String(index)}`, value: "x".repeat(length), domain: "localhost", path: "/" },
    }));
    await context.addCookies(cookies);
    return context;
  }

  it.each([true, false])(
    "gets the page and a connection with 7.5 KB of them (TLS and HTTP/2: %s)",
    async (isSecure) => {
      const certificate = await makeCertificate();
      const tls = { TLS_CERT_FILE: certificate.certFile, TLS_KEY_FILE: certificate.keyFile };
      const server = await ServerProcess.start(isSecure ? tls : {});
      const context = await profile(100, 62);
      const page = await context.newPage();
      await page.goto(isSecure ? server.url.replace("http:", "https:") : server.url);
      await page.getByTestId("start").click();
      await page.waitForSelector('html[data-connection="online"]', { state: "attached", timeout: 20_000 });
      await context.close();
      await server.close();
      await rm(certificate.folder, { recursive: true });
    },
  );

  it("gets words with more than a server accepts", async () => {
    const server = await ServerProcess.start();
    const context = await profile(12, 3_500);
    const page = await context.newPage();
    const response = await page.goto(server.url);
    expect(response?.status()).toBe(431);
    expect(await page.innerText("body")).toContain("Delete the cookies of this site in your browser");
    await context.close();
    await server.close();
  });
});
