import helmet, { type FastifyHelmetOptions } from "@fastify/helmet";
import serveStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface PageSettings {
  /** Folder of the built page. */
  root: string;
  /** Path prefix of the RPCs, told to the page. */
  rpcPrefix: string;
  /** Whether browsers reach the server over TLS. */
  secure: boolean;
}

/** The demo page, with the headers a page should have. */
export async function pages(app: FastifyInstance, { root, rpcPrefix, secure }: PageSettings): Promise<void> {
  await app.register(helmet, helmetOptions(secure));
  const index = join(root, "index.html");
  if (!existsSync(index)) {
    app.get("/", (_request, reply) =>
      reply.code(503).type("text/plain").send("The page is not built: npm run build\n"),
    );
    return;
  }
  const meta = 'name="satoshigle-path" content="';
  const html = readFileSync(index, "utf8").replace(meta, meta + rpcPrefix);
  app.get("/", (_request, reply) => {
    void reply.header("permissions-policy", "camera=(self), microphone=(self), display-capture=()");
    return reply.type("text/html; charset=utf-8").header("cache-control", "no-cache").send(html);
  });
  await app.register(serveStatic, {
    root,
    index: false,
    wildcard: false,
    setHeaders: (response, path) => {
      const hashed = path.includes("/assets/");
      response.setHeader("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
}

function helmetOptions(secure: boolean): FastifyHelmetOptions {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // Wallets are reached through relays that each person chooses (Nostr Wallet Connect).
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
