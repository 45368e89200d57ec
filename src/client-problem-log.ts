import type { FastifyBaseLogger } from "fastify";
import type { ClientProblem } from "./core/client-problem.js";

const CAUSES: Record<ClientProblem, string> = {
  ice_url_refused: "a browser refuses the URL of a STUN or TURN server: check STUN_URLS and TURN_URLS",
  turn_credentials_refused:
    "a TURN server refuses the credentials: compare TURN_SECRET with its secret, and its clock with this one",
  relay_missing: "a call had to be relayed without TURN credentials: check the relay and TURN_CREDENTIALS_PER_HOUR",
};

/** Logs what the first report of a problem means for the operator. Clients may report what is not true. */
export function problemLog(logger: FastifyBaseLogger): (problem: ClientProblem) => void {
  return (problem) => {
    logger.warn({ problem }, `reported by a client: ${CAUSES[problem]}`);
  };
}
