import { setTimeout } from "node:timers/promises";
import type { FastifyBaseLogger } from "fastify";
import { Bans } from "./app/bans.js";
import { Enforcement } from "./app/enforcement.js";
import type { Config } from "./config.js";
import { addressKeys } from "./core/address-key.js";
import { isStoreAway } from "./core/errors.js";
import type { Stores } from "./stores.js";

/** How often reading what is in force is tried at startup, and the pause between two tries, in milliseconds. */
const START_TRIES = 20;
const START_PAUSE_MS = 500;

interface Parts {
  config: Config;
  stores: Stores;
  logger: FastifyBaseLogger;
}

/** Reads the bans and the actions of moderators, before any caller is accepted. */
export async function startEnforcement({ config, stores, logger }: Parts) {
  const { lobby, roster, records, actions, clock } = stores;
  const keys = addressKeys(config.SESSION_SECRET);
  const report = (what: string) => (err: unknown) => {
    logger.error({ err }, `failed to refresh ${what}`);
  };
  const bans = await startPatiently(() => Bans.start({ lobby, records, clock, keys, onError: report("bans") }));
  const networkOf = (host: string) => bans.networkOf(host);
  const parts = { roster, actions, clock, networkOf, onError: report("actions") };
  return { bans, enforcement: await startPatiently(() => Enforcement.start(parts)) };
}

/** Retries, as a store may be slow for a moment. */
async function startPatiently<T>(start: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await start();
    } catch (error) {
      if (!isStoreAway(error) || tries >= START_TRIES) throw error;
      await setTimeout(START_PAUSE_MS);
    }
  }
}
