import type { FastifyBaseLogger } from "fastify";
import { systemRandom } from "./adapters/node/random.js";
import { startDepositUpkeep } from "./app/deposit-upkeep.js";
import { Deposits, type DepositSettings } from "./app/deposits.js";
import type { Config } from "./config.js";
import type { LightningNode } from "./ports/lightning-node.js";
import type { DepositMeter } from "./ports/meter.js";
import type { Stores } from "./stores.js";

interface Parts {
  config: Config;
  settings: { deposits: DepositSettings | undefined };
  stores: Stores;
  node: LightningNode | undefined;
  meter: DepositMeter;
  logger: FastifyBaseLogger;
}

export interface RunningDeposits {
  deposits: Deposits;
  /** Returns what is held, as far as the node answers. */
  stop(): Promise<void>;
}

/** Starts asking newcomers for deposits; undefined if they pay none. */
export function startDeposits({ config, settings, stores, node, meter, logger }: Parts): RunningDeposits | undefined {
  if (settings.deposits === undefined || node === undefined) return undefined;
  const { deposits: store, cases: log, clock } = stores;
  const deposits = new Deposits({
    ...{ node, deposits: store, log, clock, random: systemRandom, meter, settings: settings.deposits },
    secret: config.SESSION_SECRET,
    instance: systemRandom.id(),
  });
  const onError = (err: unknown) => {
    logger.error({ err }, "failed to return or keep a deposit");
  };
  if (!config.REDIS_ENABLED) deposits.releaseLeftOver().catch(onError); // no session of an earlier process is left
  const stopUpkeep = startDepositUpkeep({ node, deposits: store, clock, service: deposits, onError });
  const stop = async () => {
    stopUpkeep();
    await deposits.stop().catch(onError);
  };
  return { deposits, stop };
}
