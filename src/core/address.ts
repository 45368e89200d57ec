import { isIPv4, isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";

/**
 * The network that counts as one person for limits: a /24 of IPv4, a /64 of IPv6 (one customer's, RFC 6177). An
 * IPv4-mapped IPv6 address counts as the IPv4 address it is. Text that is no address is its own key.
 */
export function addressPrefix(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return `${parsed.octets.slice(0, 3).join(".")}.0/24`;
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":")}::/64`;
}

/**
 * An address without the port that some proxies write behind it (`192.0.2.1:50000`, `[2001:db8::1]:50000`): with one,
 * every connection would be a host of its own.
 */
export function withoutPort(text: string): string {
  if (isIPv4(text)) return text;
  const [, inBrackets, plain] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(text) ?? [];
  return inBrackets ?? plain ?? text;
}

/** One host for connection limits: an IPv4 address, or a /64 of IPv6. */
export function addressHost(address: string): string {
  if (isIPv4(address)) return address; // most are, and it is asked for every call
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv4 ? parsed.toString() : addressPrefix(address);
}

/**
 * The wider networks that a host (`addressHost`) is part of: of IPv6 its /56 and its /48, one of which a home gets (RFC
 * 6177). None of IPv4, where an address is all that a home has.
 */
export function widerNetworks(host: string): readonly string[] {
  const groups = host.endsWith("::/64") ? host.slice(0, -5).split(":") : [];
  const [, , , subnet] = groups;
  if (subnet === undefined) return NONE;
  const site = groups.slice(0, 3).join(":");
  return [`${site}:${(Number.parseInt(subnet, 16) & 0xff00).toString(16)}::/56`, `${site}::/48`];
}

/**
 * The block of addresses that a host (`addressHost`) is part of, as providers are given them: a /32 of IPv6, a /16 of
 * IPv4. Its holder has all networks in it.
 */
export function addressBlock(host: string): string {
  if (isIPv4(host)) return `${host.split(".", 2).join(".")}.0.0/16`;
  return host.endsWith("::/64") ? `${host.split(":", 2).join(":")}::/32` : host;
}

const NONE: readonly string[] = [];

/**
 * How much a network may do when a host may do so much: a /56 as much as 4 hosts, a /48 as much as 16.
 * @param level how many steps it is above the host, in the order of `widerNetworks`
 */
export function shareOf(level: number, ofHost: number): number {
  return ofHost * 4 ** level;
}

/** Whether text is an IP address and nothing else: no name, no zone, no unusual spelling. */
export function isPlainAddress(text: string): boolean {
  return isIPv4(text) || (isIPv6(text) && !text.includes("%"));
}

/**
 * Whether an IP address or an mDNS name is anywhere in a text. An IPv6 address has `::`, or eight groups, or ends as an
 * IPv4 one (RFC 4291, 2.2).
 */
export function holdsAddress(text: string): boolean {
  return /\d{1,3}(\.\d{1,3}){3}|::|([0-9a-f]{1,4}:){7}[0-9a-f]|[\w-]\.local\b/i.test(text);
}

/** Whether a host, as a name or an address (of IPv6 also in brackets), is always the machine itself. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  return name === "localhost" || (ipaddr.isValid(name) && ipaddr.process(name).range() === "loopback");
}
