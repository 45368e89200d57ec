import type { FastifyInstance } from "fastify";
import { createHash } from "node:crypto";

/** Metrics in Prometheus' text format. */
export interface Exposition {
  readonly contentType: string;
  text(): Promise<string>;
}

/** A page that holds its script and its style inline. */
export interface OpsPage {
  html: string;
  script: string;
  style: string;
}

/** Serves what operators open beside the RPCs: `/metrics` and the status page. */
export function opsSite(app: FastifyInstance, metrics: Exposition, { html, script, style }: OpsPage): void {
  app.get("/metrics", async (_request, reply) => {
    const text = await metrics.text();
    return reply.type(metrics.contentType).send(text);
  });
  const policy = [
    "default-src 'none'",
    `script-src ${hashSource(script)}`,
    `style-src ${hashSource(style)}`,
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  app.get("/", (_request, reply) =>
    reply
      .headers({
        "content-security-policy": policy,
        "cache-control": "no-store",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
      })
      .type("text/html; charset=utf-8")
      .send(html),
  );
}

/** The CSP source that allows exactly this inline text. */
function hashSource(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
