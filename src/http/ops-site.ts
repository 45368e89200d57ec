import type { FastifyInstance } from "fastify";
import { createHash } from "node:crypto";
import { statusPage } from "../rpc/status/page.js";
import { SCRIPT } from "../rpc/status/script.js";
import { STYLE } from "../rpc/status/style.js";

/** `/metrics` as Prometheus reads it. */
export interface Exposition {
  readonly contentType: string;
  text(): Promise<string>;
}

/** What the internal listener serves beside its RPCs: the metrics, and a page that shows the figures on one screen. */
export function opsSite(app: FastifyInstance, metrics: Exposition): void {
  app.get("/metrics", async (_request, reply) => {
    const text = await metrics.text();
    return reply.type(metrics.contentType).send(text);
  });
  const policy = [
    "default-src 'none'",
    `script-src ${sourceOf(SCRIPT)}`,
    `style-src ${sourceOf(STYLE)}`,
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  const html = statusPage(STYLE, SCRIPT);
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

/** Allows exactly this inline text. */
function sourceOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
