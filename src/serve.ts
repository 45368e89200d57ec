import closeWithGrace from "close-with-grace";
import { createLogger } from "./adapters/pino/logger.js";
import { standardOutput } from "./adapters/pino/standard-output.js";
import { backlogLimit } from "./backlog.js";
import { reloadCertificates } from "./certificates.js";
import { compose } from "./compose.js";
import { loadConfig } from "./config.js";
import { fail, readOrFail } from "./config-or-exit.js";
import { runtimeLimits } from "./http/runtime.js";
import { listen } from "./listen.js";
import { describeStart, explainListenError } from "./start-report.js";

const pretty = { target: "pino-pretty", options: { ignore: "pid,hostname" } };

const { config, warnings } = readOrFail();

const level = config.LOG_LEVEL;
const logger = process.stdout.isTTY
  ? createLogger({ level, transport: pretty })
  : createLogger({ level }, standardOutput());
for (const warning of [...warnings, ...runtimeLimits(), ...backlogLimit()]) logger.warn(warning);

// A promise that fails unobserved leaves nothing half done, as the stores commit in whole steps; ending the process would
// end every call on this instance. Errors thrown outside of promises do end it, below.
process.on("unhandledRejection", (err) => {
  logger.error({ err }, "a promise failed unobserved: this is a bug of the server, please report it");
});

// Nothing has to be closed yet. Without a handler, the first process of a container would ignore these signals.
const endStart = (signal: NodeJS.Signals) => {
  logger.info({ signal }, "stopped during the start");
  process.exit(0);
};
process.on("SIGTERM", endStart).on("SIGINT", endStart);

const server = await compose(config, logger).catch(fail);

// Without a terminal SIGHUP asks for a reload; with one it says that the terminal was closed.
const reloads = process.stdout.isTTY ? [] : ["SIGHUP" as const];
for (const signal of reloads) {
  process.on(signal, () => {
    reloadCertificates(server, loadConfig, logger);
  });
}

const stopping = new AbortController();
const skip = ["unhandledRejection" as const, ...reloads];
const grace = closeWithGrace({ delay: config.DRAIN_TIMEOUT_MS + 5_000, logger, skip }, async ({ err, signal }) => {
  stopping.abort();
  if (err) logger.error({ err }, "stopping after an error");
  else logger.info({ signal }, "draining: streams move to other instances");
  await server.close();
});
process.off("SIGTERM", endStart).off("SIGINT", endStart);

try {
  await listen(server, config);
  logger.info(describeStart(server, config));
} catch (err) {
  // A server that was stopped between its two listeners does not open the second, and ends on its own.
  if (!stopping.signal.aborted) {
    logger.fatal({ err }, explainListenError(err, server, config));
    grace.uninstall(); // it would exit with 0
    await server.close();
    process.exitCode = 1;
  }
}
