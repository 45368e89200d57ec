import type { FastifyBaseLogger } from "fastify";
import type { Enforcement } from "./app/enforcement.js";
import { ReportAnswers } from "./app/report-answers.js";
import { Warnings } from "./app/warnings.js";
import type { Stores } from "./stores.js";

interface Parts {
  stores: Stores;
  enforcement: Enforcement;
  logger: FastifyBaseLogger;
}

/** What tells people of moderation: answers to those who reported, and warnings. */
export function createFeedback({ stores, enforcement, logger }: Parts) {
  const { records, actions, cases, lobby, roster, clock } = stores;
  const report = (message: string) => (err: unknown) => {
    logger.error({ err }, message);
  };
  const shared = { lobby, roster, clock };
  const answers = new ReportAnswers({
    ...{ ...shared, records, cases },
    onError: report("failed to tell reporters how their reports ended"),
  });
  const onError = report("failed to tell people that moderators warn them");
  return { answers, warnings: new Warnings({ ...shared, actions, enforcement, onError }) };
}
