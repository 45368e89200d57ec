import cors from "@fastify/cors";
import { cors as connectCors } from "@connectrpc/connect";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { OriginCheck } from "./origins.js";

/**
 * Headers by which monitoring in a page connects its requests with those on the server. They have no effect here, but a
 * browser blocks every call that carries one which is not allowed.
 */
const TRACING_HEADERS = [
  ...["traceparent", "tracestate", "baggage"], // W3C
  ...["b3", "x-b3-traceid", "x-b3-spanid", "x-b3-parentspanid", "x-b3-sampled", "x-b3-flags"],
  ...["sentry-trace", "uber-trace-id", "elastic-apm-traceparent", "newrelic", "x-honeycomb-trace"],
  ...["x-datadog-trace-id", "x-datadog-parent-id", "x-datadog-origin", "x-datadog-sampling-priority"],
  ...["request-id", "request-context", "x-request-id", "x-correlation-id"],
  ...["x-amzn-trace-id", "x-cloud-trace-context"],
];

const ALLOWED_HEADERS = [...connectCors.allowedHeaders, "authorization", ...TRACING_HEADERS];

export interface CorsSettings {
  isAllowedOrigin: OriginCheck;
  /** Whether a URL is that of a method. */
  isCall: (url: string) => boolean;
}

/**
 * Adds CORS headers for the allowed origins. Browsers are permitted to call the methods from any page, as admission
 * refuses every call of other origins by its headers: only so can the page read why, instead of finding the server
 * unreachable. It can read nothing else.
 */
export async function allowOrigins(app: FastifyInstance, { isAllowedOrigin, isCall }: CorsSettings): Promise<void> {
  await app.register(cors, {
    delegator: (request: FastifyRequest, done) => {
      const { headers, remote, raw } = request;
      const { origin = "" } = headers;
      const isAllowed = remote !== undefined && isAllowedOrigin(origin, remote);
      const mayAsk = raw.method === "OPTIONS" && isCall(raw.url ?? "");
      done(null, {
        origin: origin !== "" && (isAllowed || mayAsk) ? origin : false,
        methods: ["POST"],
        allowedHeaders: ALLOWED_HEADERS,
        exposedHeaders: [...connectCors.exposedHeaders],
        maxAge: 7200,
      });
    },
  });
}
