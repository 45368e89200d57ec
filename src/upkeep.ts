import type { FastifyBaseLogger } from "fastify";
import type { Payments } from "./app/payments.js";
import { startPruning } from "./app/pruning.js";
import { startReaper } from "./app/reaper.js";
import { startTipUpkeep } from "./app/tip-upkeep.js";
import type { Config } from "./config.js";
import type { Stores } from "./stores.js";

interface Parts {
  config: Config;
  stores: Stores;
  logger: FastifyBaseLogger;
}

/** Starts the periodic tasks. Returns how to stop them. */
export function startUpkeep({ config, stores, logger }: Parts, payments: Payments): () => void {
  const { lobby, tips, clock } = stores;
  const report = (message: string) => (err: unknown) => {
    logger.error({ err }, message);
  };
  const stopReaper = startReaper(lobby, clock, report("failed to enforce deadlines"));
  const stopTips = startTipUpkeep({
    tips,
    lobby,
    clock,
    onChange: (tip) => {
      payments.noteChange(tip);
    },
    onError: report("failed to update tips"),
  });
  const stopPruning = startPruning(stores, {
    retention: { keptMs: config.EVENTS_RETENTION_MS },
    clock,
    onError: report("failed to prune old records"),
  });
  return () => {
    stopReaper();
    stopTips();
    stopPruning();
  };
}
