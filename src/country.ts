import type { CountryLookup } from "./adapters/maxmind/country-database.js";
import { type Config, ConfigError } from "./config.js";

/**
 * Opens the database of countries that the configuration names, if any.
 * @throws ConfigError if the file cannot be used
 */
export async function openCountries({ COUNTRY_DATABASE: path }: Config): Promise<CountryLookup | undefined> {
  if (path === "") return undefined;
  try {
    const { openCountryDatabase } = await import("./adapters/maxmind/country-database.js"); // for a fast start without
    return await openCountryDatabase(path);
  } catch (error) {
    throw new ConfigError(problemOfCountries(path, error));
  }
}

/** Why a database of countries cannot be used. */
export function problemOfCountries(path: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const cause = code === "ENOENT" ? "there is no such file" : (code ?? message);
  return `COUNTRY_DATABASE=${path} cannot be used: it must be a .mmdb file with countries (${cause})`;
}
