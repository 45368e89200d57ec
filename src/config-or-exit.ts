import { ConfigError, processSources, readConfig } from "./config.js";

/** Ends the process, and says why it cannot start. */
export function fail(error: unknown): never {
  process.stderr.write(`Satoshigle cannot start:\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

/** Reads the configuration, or ends the process with its mistakes. */
export function readOrFail(): ReturnType<typeof readConfig> {
  try {
    return readConfig(processSources());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return fail(error);
  }
}
