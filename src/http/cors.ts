import cors from "@fastify/cors";
import { cors as connectCors } from "@connectrpc/connect";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { isAllowedOrigin } from "../rpc/admission/authenticate.js";

/** Lets pages of the allowed origins, and our own, read what the server answers. */
export async function allowOrigins(app: FastifyInstance, allowedOrigins: readonly string[]): Promise<void> {
  await app.register(cors, {
    delegator: (request: FastifyRequest, done) => {
      const origin = request.headers.origin;
      const allowed = origin !== undefined && isAllowedOrigin(origin, request.peer?.ownOrigin, allowedOrigins);
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
