import type { FastifyInstance } from "fastify";
import { isLoopback } from "../core/address.js";
import { ownOrigin } from "./peer.js";

/**
 * Keeps web pages away from a listener that knows no users: those of other origins by what browsers say, and those whose
 * name was made to point here (DNS rebinding) by the name they ask for.
 * @param loopbackOnly whether it serves its own machine alone, and so has no other name than that of the machine itself
 */
export function guardInternal(app: FastifyInstance, loopbackOnly: boolean): void {
  app.addHook("onRequest", (request, reply, next) => {
    const { origin } = request.headers;
    const why =
      origin !== undefined && origin !== ownOrigin(request.raw)
        ? "pages of other origins may not use the internal listener"
        : loopbackOnly && !isLoopback(request.hostname)
          ? `${request.hostname || "(no host)"} is no name of this machine's own: ask for localhost or 127.0.0.1`
          : undefined;
    if (why === undefined) {
      next();
      return;
    }
    request.raw.resume(); // over HTTP/2 an answer is cut off when the request was not read
    void reply.code(403).send({ code: "permission_denied", message: why });
  });
}
