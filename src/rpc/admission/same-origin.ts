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
    const { origin, "sec-fetch-site": site } = request.headers;
    const isRead = request.method === "GET" || request.method === "HEAD"; // a link on another site may lead to the console
    const isOwn = origin === undefined || onlyOwnOrigin(origin, reader.remoteOf(request.raw));
    if (isOwn && (isRead || !isForeign(site))) {
      next();
      return;
    }
    reader.slowReaders.watch(reply.raw);
    discardBody(request.raw, reply.raw);
    void reply.code(403).send({ code: "permission_denied", message: FOREIGN_ORIGIN });
  });
}

/** Whether a browser says that a request is from a page of another origin. Other programs say nothing. */
function isForeign(site: string | string[] | undefined): boolean {
  return site !== undefined && site !== "same-origin" && site !== "none";
}

/**
 * Admits calls of the same origin, and calls without one.
 * @param site the header `sec-fetch-site`
 * @throws DomainError `origin_denied`
 */
export function admitSameOrigin({ isOriginAllowed, host }: CallSource, site: string | string[] | undefined): Caller {
  if (isOriginAllowed && !isForeign(site)) return { sessionId: undefined, host };
  throw new DomainError("origin_denied", FOREIGN_ORIGIN);
}
