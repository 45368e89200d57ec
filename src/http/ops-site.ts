import type { FastifyInstance } from "fastify";
import { serveFiles } from "./static-files.js";

/** Metrics in Prometheus' text format. */
export interface Exposition {
  readonly contentType: string;
  text(): Promise<string>;
}

const headers = {
  "content-security-policy": [
    "default-src 'self'",
    "img-src 'self' blob:", // the pictures of evidence, which are decrypted in the page
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/**
 * Serves the metrics and the console beside the internal RPCs.
 *
 * @param root folder of the built console
 */
export function opsSite(app: FastifyInstance, metrics: Exposition, root: string): void {
  app.get("/metrics", async (_request, reply) => {
    const text = await metrics.text();
    return reply.type(metrics.contentType).send(text);
  });
  serveFiles(app, { root, headers });
}
