import type { Config } from "./config.js";
import { defaultSchema, type MatchingSchema } from "./core/matching-schema.js";

/**
 * Returns what people are matched by. What parses a file is loaded only if the configuration names one, for a fast
 * start.
 * @throws ConfigError that lists every mistake with its line
 */
export async function openMatchingSchema(config: Config): Promise<MatchingSchema> {
  if (config.MATCHING_FILE === "") return defaultSchema(config.WIDEN_AFTER_MS);
  const { readMatchingSchema } = await import("./matching-file.js");
  return readMatchingSchema(config);
}
