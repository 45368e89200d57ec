import { AdminService } from "../../../gen/satoshigle/internal/v1/admin_pb.js";
import type { Operations } from "../../app/operations.js";
import type { Operators } from "../../ports/operators.js";
import type { MatchId, SessionId } from "../../core/ids.js";
import { toToken } from "../codec/page-token.js";
import { parseMatchFilter, parsePage, parseSessionFilter } from "../codec/parse-internal.js";
import { renderMatch, renderSession } from "../codec/render-roster.js";
import type { InternalService } from "../service.js";
import { actorOf } from "./actor.js";

/** `AdminService`, for operators. */
export function adminService(operations: Operations, operators: Operators): InternalService {
  return {
    desc: AdminService,
    addTo: (router) =>
      router.service(AdminService, {
        async listSessions(request) {
          const filter = parseSessionFilter(request);
          const listing = filter.of === undefined ? "sessions" : "sessionsOf";
          const { size, before } = parsePage(listing, request);
          const page = await operations.listSessions(size, before, filter);
          const subjects = await operations.subjectsOf(...page.items);
          const sessions = page.items.map((session) => renderSession(session, subjects));
          return { sessions, nextPageToken: toToken(listing, page.before) };
        },

        async listMatches(request) {
          const { size, before } = parsePage("matches", request);
          const page = await operations.listMatches(size, before, parseMatchFilter(request));
          const sides = page.items.flatMap(({ offerer, answerer }) => [offerer, answerer]);
          const subjects = await operations.subjectsOf(...sides);
          return {
            matches: page.items.map((match) => renderMatch(match, subjects)),
            nextPageToken: toToken("matches", page.before),
          };
        },

        async endMatch({ matchId }, context) {
          return { ended: await operations.endMatch(matchId as MatchId, actorOf(operators, context)) };
        },

        async closeSession({ sessionId }, context) {
          return { closed: await operations.closeSession(sessionId as SessionId, actorOf(operators, context)) };
        },
      }),
  };
}
