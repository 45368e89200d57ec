import cors from "@fastify/cors";
import { cors as connectCors } from "@connectrpc/connect";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** Whether pages of an origin may use the server: its own pages, and those of the allowed origins. */
export function isAllowedOrigin(origin: string, ownOrigin: string | undefined, allowed: readonly string[]): boolean {
  return origin === ownOrigin || allowed.includes(origin);
}

/** Adds CORS headers for the allowed origins and for the server's own. */
export async function allowOrigins(app: FastifyInstance, allowedOrigins: readonly string[]): Promise<void> {
  await app.register(cors, {
    delegator: (request: FastifyRequest, done) => {
      const origin = request.headers.origin;
      const allowed = origin !== undefined && isAllowedOrigin(origin, request.remote?.ownOrigin, allowedOrigins);
      done(null, {
        origin: allowed ? origin : false,
        methods: ["POST"],
        allowedHeaders: [...connectCors.allowedHeaders, "authorization"],
        exposedHeaders: [...connectCors.exposedHeaders],
        maxAge: 7200,
      });
    },
  });
}
