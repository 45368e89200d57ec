import helmet, { type FastifyHelmetOptions } from "@fastify/helmet";
import type { FastifyInstance } from "fastify";
import { serveFiles } from "./static-files.js";

export interface DemoSiteSettings {
  /** Folder of the built page. */
  root: string;
  /** Path prefix of the RPCs, which the page reads from its meta tag. */
  rpcPrefix: string;
  /** Whether browsers reach the server over TLS. */
  secure: boolean;
}

/** Wallets on the machine of a developer. */
const LOOPBACK = ["http://127.0.0.1:*", "ws://127.0.0.1:*"];

/** Serves the demo page with strict security headers. */
export async function demoSite(app: FastifyInstance, { root, rpcPrefix, secure }: DemoSiteSettings): Promise<void> {
  await app.register(helmet, helmetOptions(secure));
  const meta = 'name="satoshigle-path" content="';
  serveFiles(app, {
    root,
    headers: { "permissions-policy": "camera=(self), microphone=(self), display-capture=()" },
    completeIndex: (html) => Buffer.from(html.toString().replace(meta, meta + rpcPrefix)),
  });
}

function helmetOptions(secure: boolean): FastifyHelmetOptions {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // Each user chooses the relay of Nostr Wallet Connect, and the service of a lightning address.
        connectSrc: ["'self'", "wss:", "https:", ...(secure ? [] : LOOPBACK)],
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
    // The page of a wallet that is asked for a connection answers the page that opened it.
    crossOriginOpenerPolicy: { policy: "same-origin-allow-popups" },
    crossOriginEmbedderPolicy: false,
  };
}
