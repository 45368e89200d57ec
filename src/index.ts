/** The server as a library, for programs that run it inside their own process. */
import type { FastifyBaseLogger } from "fastify";
import { createLogger } from "./adapters/pino/logger.js";
import { compose, type Server } from "./compose.js";
import { loadConfig, type variables } from "./config.js";
import { listen } from "./listen.js";

export { ConfigError } from "./config.js";

/** The documented variables, by name. A variable that is left out has its default; the environment is not read. */
export type Settings = { [Name in keyof typeof variables]?: string | number | boolean };

export interface SatoshigleServer extends Server {
  /** Listens on `HOST`, `PORT`, `INTERNAL_HOST` and `INTERNAL_PORT`. Returns the public URL, as seen from this machine. */
  listen(): Promise<string>;
}

/**
 * Creates a server that does not listen yet.
 * @param options `logger` replaces the JSON log on the standard output
 * @throws ConfigError that lists every refused variable
 */
export async function createServer(
  settings: Settings = {},
  options: { logger?: FastifyBaseLogger } = {},
): Promise<SatoshigleServer> {
  const config = loadConfig(toText(settings));
  const server = await compose(config, options.logger ?? createLogger({ level: config.LOG_LEVEL }));
  return { ...server, listen: () => listen(server, config) };
}

/** The settings as an environment would hold them. */
function toText(settings: Settings): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
}
