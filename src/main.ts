#!/usr/bin/env node
import closeWithGrace from "close-with-grace";
import { createLogger } from "./adapters/pino/logger.js";
import { standardOutput } from "./adapters/pino/standard-output.js";
import { runCommand } from "./commands.js";
import { compose } from "./compose.js";
import { type Config, ConfigError, hasFixedSecret, loadConfig } from "./config.js";
import { listen } from "./listen.js";

function readConfig(): Config {
  try {
    return loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`Satoshigle cannot start:\n${error.message}\n`);
    process.exit(1);
  }
}

const pretty = { target: "pino-pretty", options: { ignore: "pid,hostname" } };

const exitCode = await runCommand(process.argv.slice(2), readConfig);
if (exitCode !== undefined) process.exit(exitCode);
const config = readConfig();

const level = config.LOG_LEVEL;
const logger = process.stdout.isTTY
  ? createLogger({ level, transport: pretty })
  : createLogger({ level }, standardOutput());

// Nothing is half done when work that was started fails and nobody looks: the stores commit in whole steps. To end here
// would end every call of this instance for it. Whatever is thrown outside of a promise does end the process, below.
process.on("unhandledRejection", (err) => {
  logger.error({ err }, "a promise failed that nobody awaits: a fault of this server, please report it");
});

// There is nothing to close yet. Without this, the first process of a container would not end at all.
const endStart = (signal: NodeJS.Signals) => {
  logger.info({ signal }, "ended before it was up");
  process.exit(0);
};
process.on("SIGTERM", endStart).on("SIGINT", endStart);

const server = await compose(config, logger).catch((error: unknown) => {
  process.stderr.write(`Satoshigle cannot start:\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});

if (!hasFixedSecret()) {
  logger.warn("SESSION_SECRET is not set: a restart ends all sessions, and no ban that is kept will hold any more");
}

const stopping = new AbortController();
const graceSettings = { delay: config.DRAIN_TIMEOUT_MS + 5_000, logger, skip: ["unhandledRejection" as const] };
const grace = closeWithGrace(graceSettings, async ({ err, signal }) => {
  stopping.abort();
  if (err) logger.error({ err }, "stopping after an error");
  else logger.info({ signal }, "draining: streams move elsewhere");
  await server.close();
});
process.off("SIGTERM", endStart).off("SIGINT", endStart);

try {
  const url = await listen(server, config);
  logger.info(`Satoshigle is up: open ${url} in two tabs`);
} catch (err) {
  // What was stopped between its two listeners does not open the second any more, and ends by itself.
  if (!stopping.signal.aborted) {
    logger.fatal(
      { err },
      `cannot listen on ${config.HOST}:${String(config.PORT)} (HOST, PORT) and ${config.INTERNAL_HOST}:${String(config.INTERNAL_PORT)} (INTERNAL_HOST, INTERNAL_PORT)`,
    );
    grace.uninstall(); // its own last act would be to exit with 0
    await server.close();
    process.exitCode = 1;
  }
}
