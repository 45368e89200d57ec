import helmet, { type FastifyHelmetOptions } from "@fastify/helmet";
import type { FastifyInstance } from "fastify";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";

export interface DemoSiteSettings {
  /** Folder of the built page. */
  root: string;
  /** Path prefix of the RPCs, which the page is served with. */
  rpcPrefix: string;
  /** Whether browsers reach the server over TLS. */
  secure: boolean;
}

/** Serves the demo page with strict security headers. */
export async function demoSite(app: FastifyInstance, { root, rpcPrefix, secure }: DemoSiteSettings): Promise<void> {
  await app.register(helmet, helmetOptions(secure));
  const index = join(root, "index.html");
  if (!existsSync(index)) {
    app.get("/", (_request, reply) =>
      reply.code(503).type("text/plain").send("The demo page is not built. Run: npm run build\n"),
    );
    return;
  }
  const meta = 'name="satoshigle-path" content="';
  const html = readFileSync(index, "utf8").replace(meta, meta + rpcPrefix);
  app.get("/", (_request, reply) => {
    void reply.header("permissions-policy", "camera=(self), microphone=(self), display-capture=()");
    return reply.type("text/html; charset=utf-8").header("cache-control", "no-cache").send(html);
  });
  serveFiles(app, root, index);
}

const contentTypes: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * Serves the page's files from memory. They are few and small; opening one for each request would let clients that do
 * not read exhaust the process's file descriptors, and it could accept no more connections.
 */
function serveFiles(app: FastifyInstance, root: string, index: string): void {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const path of files.map((entry) => join(entry.parentPath, entry.name))) {
    if (path === index) continue;
    const url = `/${relative(root, path).split(sep).join("/")}`;
    const content = readFileSync(path);
    const headers = {
      "content-type": contentTypes[extname(path)] ?? "application/octet-stream",
      "cache-control": url.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
      etag: `"${createHash("sha256").update(content).digest("base64url")}"`,
    };
    app.get(url, (request, reply) => {
      void reply.headers(headers);
      return request.headers["if-none-match"] === headers.etag ? reply.code(304).send() : reply.send(content);
    });
  }
}

function helmetOptions(secure: boolean): FastifyHelmetOptions {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // Nostr Wallet Connect reaches wallets through relays that each user chooses.
        connectSrc: ["'self'", "wss:"],
        imgSrc: ["'self'", "data:"],
        mediaSrc: ["'self'", "blob:"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        ...(secure && { upgradeInsecureRequests: [] }),
      },
    },
    strictTransportSecurity: secure,
    crossOriginEmbedderPolicy: false,
  };
}
