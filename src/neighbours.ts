import type { FastifyBaseLogger } from "fastify";
import { steadyClock, systemClock } from "./adapters/node/clock.js";
import { type Agreement, visitorName } from "./adapters/redis/agreement.js";
import { RedisNeighbour } from "./adapters/redis/neighbour.js";
import type { Config } from "./config.js";

/** Begins to join the neighbour realms, if there are any. */
export function openNeighbours(
  config: Config,
  node: string,
  agreement: Agreement,
  logger: FastifyBaseLogger,
): RedisNeighbour[] {
  return config.NEIGHBOUR_REALMS.map(({ name, urls }) => {
    return new RedisNeighbour({
      name,
      urls: urls.length > 0 ? urls : config.REDIS_URL,
      node: visitorName(config.REALM, node),
      agreement,
      windowMs: config.MAX_DISCONNECTION_DURATION_MS,
      system: systemClock,
      steady: steadyClock,
      onChange: (trouble) => {
        if (trouble === undefined) logger.info({ realm: name }, "people may meet those of the neighbour realm");
        else logger.warn({ realm: name }, trouble);
      },
    });
  });
}
