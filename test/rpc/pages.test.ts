import { fastify } from "fastify";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoSite } from "../../src/http/demo-site.js";
import { opsSite } from "../../src/http/ops-site.js";
import { request } from "../support/http.js";
import { roomy } from "../support/pair.js";
import { startServer, type TestServer } from "../support/server.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer(roomy);
});
afterAll(() => server.close());

const production = {
  NODE_ENV: "production",
  CLIENT_URL: "https://chat.example.com",
  SESSION_SECRET: "a secret of at least thirty-two characters",
};

describe("the page", () => {
  it("is served, or explains how to build it", async () => {
    const answer = await request(`${server.url}/`);
    if (answer.status === 503) expect(answer.text).toContain("npm run build");
    else expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  });

  it("loads nothing from other origins and cannot be framed", async () => {
    const { headers } = await request(`${server.url}/`);
    const policy = headers.get("content-security-policy")?.split(";");
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ]),
    );
    expect(headers.get("content-security-policy")).not.toContain("unsafe");
    expect(headers.get("cross-origin-opener-policy")).toBe("same-origin-allow-popups"); // for the windows of wallets
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("SAMEORIGIN");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  });

  it("sends HSTS in production only", async () => {
    const inDevelopment = await request(`${server.url}/`);
    expect(inDevelopment.headers.get("strict-transport-security")).toBeNull();
    expect(inDevelopment.headers.get("content-security-policy")).not.toContain("upgrade-insecure-requests");
    const live = await startServer(production);
    const inProduction = await request(`${live.url}/`);
    expect(inProduction.headers.get("strict-transport-security")).toMatch(/^max-age=\d{8}/);
    expect(inProduction.headers.get("content-security-policy")).toContain("upgrade-insecure-requests");
    expect(inProduction.headers.get("content-security-policy")).toContain("connect-src 'self' wss: https:;");
    await live.close();
  });
});

describe("/socket.io/", () => {
  it.each(["GET", "POST"])("%s answers 410 with an explanation", async (method) => {
    const answer = await request(`${server.url}/socket.io/?EIO=4&transport=polling`, { method });
    expect(answer.status).toBe(410);
    expect(answer.text).toContain("Socket.IO is not supported");
  });
});

describe("/healthz and /readyz", () => {
  it.each(["/healthz", "/readyz"])("%s answers 200 while the server is healthy", async (path) => {
    expect((await request(server.url + path)).status).toBe(200);
  });
});

describe("the page's files", () => {
  const script = "console.log(1);";

  /** A page whose folder is deleted once it is served. */
  async function served() {
    const root = await mkdtemp(join(tmpdir(), "satoshigle-page-"));
    await mkdir(join(root, "assets"));
    await writeFile(join(root, "index.html"), "<!doctype html>");
    await writeFile(join(root, "assets", "index-1.js"), script);
    await writeFile(join(root, "favicon.svg"), "<svg/>");
    const app = fastify();
    await app.register((scope) => demoSite(scope, { root, rpcPrefix: "", secure: false }));
    await app.ready();
    await rm(root, { recursive: true });
    return app;
  }

  it("are served from memory, so that requests open no files", async () => {
    const app = await served();
    const answer = await app.inject({ url: "/assets/index-1.js" });
    expect([answer.statusCode, answer.body]).toEqual([200, script]);
    expect(answer.headers).toMatchObject({
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
    });
    const icon = await app.inject({ url: "/favicon.svg" });
    expect(icon.headers).toMatchObject({ "content-type": "image/svg+xml", "cache-control": "no-cache" });
  });

  it("are not sent again to browsers that have them", async () => {
    const app = await served();
    const { etag = "" } = (await app.inject({ url: "/favicon.svg" })).headers;
    const ask = (known: string) => app.inject({ url: "/favicon.svg", headers: { "if-none-match": known } });
    expect([(await ask(etag)).statusCode, (await ask(etag)).body]).toEqual([304, ""]);
    expect((await ask('"another"')).statusCode).toBe(200);
  });

  it.each([
    "/assets/",
    "/assets/../../package.json",
    "/assets/..%2f..%2fpackage.json",
    "/index.html",
    "/assets/none.js",
  ])("are all there is: %s is not", async (url) => {
    expect((await (await served()).inject({ url })).statusCode).toBe(404);
  });
});

describe("the console", () => {
  const metrics = { contentType: "text/plain", text: () => Promise.resolve("") };
  const html = "<!doctype html>";

  async function consoleFrom(files: Record<string, string>) {
    const root = await mkdtemp(join(tmpdir(), "satoshigle-console-"));
    await mkdir(join(root, "assets"));
    for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text);
    const app = fastify();
    opsSite(app, metrics, root);
    await app.ready();
    await rm(root, { recursive: true });
    return app;
  }

  it("is served from memory, and not sent again to a browser that has it", async () => {
    const app = await consoleFrom({ "index.html": html, "assets/index-1.css": "p {}" });
    const { statusCode, body, headers } = await app.inject({ url: "/" });
    expect([statusCode, body]).toEqual([200, html]);
    expect(headers).toMatchObject({ "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" });
    const again = await app.inject({ url: "/", headers: { "if-none-match": headers.etag ?? "" } });
    expect([again.statusCode, again.body]).toEqual([304, ""]);
    expect(again.headers["content-security-policy"]).toMatch(/^default-src 'self';/);
    const style = await app.inject({ url: "/assets/index-1.css" });
    expect(style.headers).toMatchObject({
      "content-type": "text/css; charset=utf-8",
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
    });
  });

  it("explains how to build it if it is missing; the metrics are still served", async () => {
    const app = await consoleFrom({});
    const { statusCode, body } = await app.inject({ url: "/" });
    expect([statusCode, body]).toEqual([503, "The page is not built: npm run build\n"]);
    expect((await app.inject({ url: "/metrics" })).statusCode).toBe(200);
  });
});
