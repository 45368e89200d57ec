import type { FastifyInstance } from "fastify";
import type { Caller } from "../../app/caller.js";
import { DomainError } from "../../core/errors.js";
import type { Call } from "./authenticate.js";
import { type RequestReader, leaveUnread } from "../../http/request-reader.js";
import { ownOrigin } from "../../http/remote.js";

const FOREIGN = "pages of other origins may not use the internal listener";

/**
 * Keeps web pages of other origins away from a listener that knows no users. Those whose name was made to point here do
 * not come this far: their name is not ours.
 */
export function requireSameOrigin(app: FastifyInstance, intake: RequestReader): void {
  app.addHook("onRequest", (request, reply, next) => {
    const { origin } = request.headers;
    if (origin === undefined || origin === ownOrigin(request.raw)) {
      next();
      return;
    }
    intake.answers.watch(reply.raw);
    leaveUnread(request.raw, reply.raw);
    void reply.code(403).send({ code: "permission_denied", message: FOREIGN });
  });
}

/** The same for a call. @throws DomainError `origin_denied` */
export function admitSameOrigin({ origin, ownOrigin, host }: Call): Caller {
  if (origin === undefined || origin === ownOrigin) return { sessionId: undefined, host };
  throw new DomainError("origin_denied", FOREIGN);
}
