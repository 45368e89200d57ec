import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";

export interface CountrySettings {
  /** The header in which trusted proxies write the client's country; empty for none. */
  header: string;
  /** Returns the country of an address; undefined without a database. */
  lookUp: ((address: string) => string | undefined) | undefined;
}

type Request = IncomingMessage | Http2ServerRequest;

/** Returns the country of a request as a code of two lower-case letters; undefined if it is not known. */
export type CountryOf = (request: Request, host: string) => string | undefined;

/**
 * Finds countries by the header of a trusted proxy, then by the database. Undefined if neither is configured. A header
 * that a client could have written has no effect.
 * @param isProxy whether the peer with an address is a trusted proxy
 */
export function countryFinder(
  { header, lookUp }: CountrySettings,
  isProxy: (address: string) => boolean,
): CountryOf | undefined {
  if (header === "" && lookUp === undefined) return undefined;
  const name = header.toLowerCase();
  return ({ headers, socket }, host) => {
    const { remoteAddress: peer } = socket;
    const stated = name !== "" && peer !== undefined && isProxy(peer) ? headers[name] : undefined;
    return countryIn(stated) ?? countryIn(lookUp?.(addressOf(host)));
  };
}

/** A code of two letters. `XX` is what proxies write for an unknown country. */
function countryIn(text: string | string[] | undefined): string | undefined {
  const code = typeof text === "string" && /^[a-z]{2}$/i.test(text) ? text.toLowerCase() : undefined;
  return code === "xx" ? undefined : code;
}

/** An address of a host; that of a /64 is its first. */
function addressOf(host: string): string {
  return host.endsWith("/64") ? host.slice(0, -"/64".length) : host;
}
