import type { HandlerContext } from "@connectrpc/connect";
import { type Moderator, UNNAMED } from "../../core/case.js";
import type { Operators } from "../../ports/operators.js";

/**
 * Who acts, where a name is not required.
 * @param claimed whom a field of the request names; empty for nobody
 */
export function actorOf(operators: Operators, { requestHeader }: HandlerContext, claimed = ""): Moderator {
  const otherwise = claimed === "" ? UNNAMED : (claimed as Moderator);
  return operators.moderatorOf((name) => requestHeader.get(name), otherwise);
}
