import type { FastifyInstance } from "fastify";
import type { Caller } from "../../app/caller.js";
import { DomainError } from "../../core/errors.js";
import type { CallSource } from "./authenticate.js";
import { discardBody, type RequestReader } from "../../http/request-reader.js";
import { onlyOwnOrigin } from "../../http/origins.js";

const FOREIGN_ORIGIN = "pages of other origins may not call the internal listener";

/**
 * Refuses pages of other origins, as the internal listener has no authentication. Pages that use DNS rebinding were
 * already refused by their host name.
 */
export function requireSameOrigin(app: FastifyInstance, reader: RequestReader): void {
  app.addHook("onRequest", (request, reply, next) => {
    const { origin } = request.headers;
    if (origin === undefined || onlyOwnOrigin(origin, reader.remoteOf(request.raw))) {
      next();
      return;
    }
    reader.slowReaders.watch(reply.raw);
    discardBody(request.raw, reply.raw);
    void reply.code(403).send({ code: "permission_denied", message: FOREIGN_ORIGIN });
  });
}

/** Admits calls of the same origin, and calls without one. @throws DomainError `origin_denied` */
export function admitSameOrigin({ isOriginAllowed, host }: CallSource): Caller {
  if (isOriginAllowed) return { sessionId: undefined, host };
  throw new DomainError("origin_denied", FOREIGN_ORIGIN);
}
