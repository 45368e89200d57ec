import type { FastifyBaseLogger } from "fastify";
import { TurnProvider } from "./adapters/turn/provider.js";
import { SharedSecret } from "./adapters/turn/shared-secret.js";
import type { Config } from "./config.js";
import type { Clock } from "./ports/clock.js";
import type { TurnCredentials } from "./ports/turn-credentials.js";

/** The source of TURN credentials that the configuration selects. */
export interface Turn {
  credentials: TurnCredentials;
  /** Current problems, one sentence each. Calls without a relay are not affected. */
  troubles(): readonly string[];
  /** How long credentials that are issued now are valid, in milliseconds; 0 for none, undefined without a relay. */
  credentialsLeftMs(): number | undefined;
  stop(): void;
}

/** Opens the source of TURN credentials. A provider that fails does not prevent the start. */
export async function openTurn(config: Config, clock: Clock, logger: FastifyBaseLogger): Promise<Turn> {
  return config.TURN_API_URL === "" ? ownServers(config) : providedServers(config, clock, logger);
}

function ownServers({ TURN_URLS: turnUrls, TURN_SECRET: secret, TURN_LIFETIME_MS: lifetimeMs }: Config): Turn {
  return {
    credentials: new SharedSecret({ turnUrls, secret, lifetimeMs }),
    troubles: () => [],
    credentialsLeftMs: () => (turnUrls.length > 0 ? lifetimeMs : undefined),
    stop: () => undefined,
  };
}

async function providedServers(config: Config, clock: Clock, logger: FastifyBaseLogger): Promise<Turn> {
  const { TURN_API_USERNAME: username, TURN_API_PASSWORD: password, TURN_URLS: turnUrls } = config;
  const provider = await TurnProvider.start({
    settings: {
      request: {
        url: config.TURN_API_URL,
        method: config.TURN_API_METHOD,
        headers: config.TURN_API_HEADERS,
        body: config.TURN_API_BODY,
      },
      secret: config.TURN_API_SECRET,
      paths: username === "" ? { servers: config.TURN_API_SERVERS } : { username, password, turnUrls },
      lifetimeMs: config.TURN_LIFETIME_MS,
    },
    clock,
    onFailed: (cause) => {
      logger.error({ cause }, "the TURN provider gives no credentials: check TURN_API_*; the last ones stay in use");
    },
    onEmpty: () => {
      logger.error("there are no valid TURN credentials: calls have no relay until the provider gives new ones");
    },
    onRecovered: () => {
      logger.info("the TURN provider gives credentials again");
    },
  });
  return {
    credentials: provider,
    troubles: () => provider.troubles(clock.nowMs()),
    credentialsLeftMs: () => provider.leftMs(clock.nowMs()),
    stop: () => {
      provider.stop();
    },
  };
}
