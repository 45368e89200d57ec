import { type CountryResponse, open } from "maxmind";

/** Returns the country of an IP address as a code of two letters (ISO 3166-1); undefined if it is not known. */
export type CountryLookup = (address: string) => string | undefined;

/**
 * Opens a file in MaxMind's format. A newer version of the file is read while the server runs.
 * @throws Error if the file cannot be read or has no countries
 */
export async function openCountryDatabase(path: string): Promise<CountryLookup> {
  const reader = await open<CountryResponse>(path, { watchForUpdates: true, watchForUpdatesNonPersistent: true });
  const { databaseType } = reader.metadata;
  if (!/country|city|enterprise/i.test(databaseType)) throw new Error(`it is of the type ${databaseType}`);
  return (address) => reader.get(address)?.country?.iso_code.toLowerCase();
}
