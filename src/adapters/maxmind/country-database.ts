import { type CountryResponse, open } from "maxmind";

/** Returns the country of an IP address as a code of two letters (ISO 3166-1); undefined if it is not known. */
export type CountryLookup = (address: string) => string | undefined;

/**
 * Opens a file in MaxMind's format. A newer version of the file is read while the server runs.
 * @throws Error if the file cannot be read or has no countries
 */
export async function openCountryDatabase(path: string): Promise<CountryLookup> {
  const reader = await open<CountryResponse>(path, { watchForUpdates: true, watchForUpdatesNonPersistent: true });
  checkType(reader.metadata.databaseType);
  return (address) => reader.get(address)?.country?.iso_code.toLowerCase();
}

/** What a file says of itself. */
export interface CountryDatabase {
  type: string;
  builtMs: number;
  hasIpv6: boolean;
}

/** @throws Error if the file cannot be read or has no countries */
export async function describeCountryDatabase(path: string): Promise<CountryDatabase> {
  const { metadata } = await open<CountryResponse>(path);
  const { databaseType: type, buildEpoch, ipVersion } = metadata;
  checkType(type);
  return { type, builtMs: buildEpoch.getTime(), hasIpv6: ipVersion === 6 };
}

function checkType(type: string): void {
  if (!/country|city|enterprise/i.test(type)) throw new Error(`it is of the type ${type}`);
}
