import { ActionService } from "../../../gen/satoshigle/internal/v1/action_pb.js";
import type { Actions } from "../../app/actions.js";
import type { Action } from "../../core/action.js";
import type { ActionId } from "../../core/ids.js";
import { parseAction, parseActionFilter, renderAction } from "../codec/actions.js";
import { toToken } from "../codec/page-token.js";
import { parsePage } from "../codec/parse-internal.js";
import type { Operators } from "../../ports/operators.js";
import type { InternalService } from "../service.js";
import { actorOf } from "./actor.js";

/** `ActionService`, for moderators. */
export function actionService(actions: Actions, operators: Operators): InternalService {
  const render = async (...some: Action[]) => {
    const subjects = await actions.subjectsOf(some);
    return some.map((action) => renderAction(action, subjects));
  };
  return {
    desc: ActionService,
    addTo: (router) =>
      router.service(ActionService, {
        async takeAction(request, context) {
          const by = actorOf(operators, context, request.moderator);
          const [action] = await render(await actions.take(parseAction(request, by)));
          return { action };
        },

        async liftAction({ actionId, moderator }, context) {
          const by = actorOf(operators, context, moderator);
          const lifted = await actions.lift(actionId as ActionId, by);
          const [action] = await render(lifted.action);
          return { action, wasInForce: lifted.wasInForce };
        },

        async listActions(request) {
          const { size, before } = parsePage("actions", request);
          const page = await actions.list(size, before, parseActionFilter(request));
          return { actions: await render(...page.items), nextPageToken: toToken("actions", page.before) };
        },
      }),
  };
}
