import { isIPv4, isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";

/**
 * The network that counts as one client in limits: a /24 of IPv4, a /64 of IPv6 (one customer's, RFC 6177). An
 * IPv4-mapped IPv6 address counts as IPv4. Text that is not an address is returned unchanged.
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

/** The host that connection limits apply to: an IPv4 address, or a /64 of IPv6. */
export function addressHost(address: string): string {
  if (isIPv4(address)) return address; // the common case, on the path of every call
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv4 ? parsed.toString() : addressPrefix(address);
}

/**
 * The wider networks that contain a host (`addressHost`): of IPv6 its /56 and its /48, one of which a home gets (RFC
 * 6177). None of IPv4, where a home has a single address.
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
 * The limit of a wider network, given that of a host: a /56 gets that of 4 hosts, a /48 that of 16.
 * @param level how many steps the network is above the host, in the order of `widerNetworks`
 */
export function shareOf(level: number, ofHost: number): number {
  return ofHost * 4 ** level;
}

/** Whether a text is an IP address in its usual form, without a zone. */
export function isPlainAddress(text: string): boolean {
  return isIPv4(text) || (isIPv6(text) && !text.includes("%"));
}

/**
 * Whether a text contains an IP address or an mDNS name. An IPv6 address has `::`, eight groups, or an IPv4 address at
 * its end (RFC 4291, 2.2).
 */
export function holdsAddress(text: string): boolean {
  return /\d{1,3}(\.\d{1,3}){3}|::|([0-9a-f]{1,4}:){7}[0-9a-f]|[\w-]\.local\b/i.test(text);
}

/** Whether an address is one of a private network, such as that between a server and its proxy. */
export function isPrivate(address: string): boolean {
  return ipaddr.isValid(address) && ["private", "uniqueLocal", "linkLocal"].includes(ipaddr.process(address).range());
}

/** Whether a host name or an address (of IPv6 possibly in brackets) always refers to the machine itself. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  return name === "localhost" || (ipaddr.isValid(name) && ipaddr.process(name).range() === "loopback");
}
