import { ConfigError, readConfig } from "../../../src/config.js";

/** The sentences of a refused start. */
export function refusalsOf(environment: Record<string, string>, dotenv?: string): string[] {
  try {
    readConfig({ environment, file: dotenv === undefined ? undefined : Buffer.from(dotenv) });
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
  return [];
}
