import parseForwarded from "forwarded-parse";
import ipaddr from "ipaddr.js";
import { isIP, isIPv4 } from "node:net";

/** What one proxy wrote about the request that it received. */
export interface Hop {
  /** From where it received the request; undefined if that is no address. */
  address: string | undefined;
  /** What it was asked for, in `forwarded` only. */
  scheme: string | undefined;
  host: string | undefined;
}

/** Entries that are read: chains of proxies are short, and what clients write before them is not looked at. */
const MAX_HOPS = 32;

/**
 * The entries of a list header, the nearest proxy's last. No address contains a comma, so what a client wrote before
 * cannot change where the entries of the proxies begin: not even a quote that it leaves open.
 */
export function entriesOf(list: string | string[] | undefined): readonly string[] {
  const entries = (list?.toString() ?? "").split(",").slice(-MAX_HOPS);
  return entries.map((entry) => entry.trim()).filter((entry) => entry !== "");
}

/** The last entry of a list, which the nearest proxy wrote; undefined if there is none or it is empty. */
export function lastOf(list: string | string[] | undefined): string | undefined {
  const last = list?.toString().split(",").at(-1)?.trim();
  return last === "" ? undefined : last;
}

/** Reads an entry of `x-forwarded-for`. */
export function readAddress(entry: string): Hop {
  return { address: addressIn(entry), scheme: undefined, host: undefined };
}

/**
 * Reads an element of `forwarded` (RFC 7239). One that is malformed says nothing, except that the quotes may be missing
 * which the standard demands around brackets and ports.
 */
export function readElement(element: string): Hop {
  try {
    const quoted = element.replace(/=([^";\s]*[:[\]][^";\s]*)/g, '="$1"');
    const [{ for: address = "", proto, host } = {}] = parseForwarded(quoted);
    return { address: addressIn(address), scheme: proto?.toLowerCase(), host };
  } catch {
    return { address: undefined, scheme: undefined, host: undefined };
  }
}

/**
 * The address in an entry, in its usual form: without quotes, brackets, port and zone, which proxies write in many ways.
 * With the port, every connection would count as a client of its own. Undefined for anything that is no address, such as
 * `unknown`, `_hidden` and `unix:`.
 */
export function addressIn(entry: string): string | undefined {
  const text = entry.replace(/^"\s*([^"]*?)\s*"$/, "$1").trim();
  if (isIPv4(text)) return text; // the most common form
  const [, inBrackets, v4] = /^(?:\[([^\]]*)\](?::\d*)?|([\d.]+):\d*)$/.exec(text) ?? [];
  const address = inBrackets ?? v4 ?? withoutBarePort(text);
  return isIP(address) === 0 ? undefined : usualForm(address);
}

/** Some proxies write a port behind an IPv6 address without brackets: a ninth group, or one of more than four digits. */
function withoutBarePort(text: string): string {
  return isIP(text) === 0 ? text.replace(/:\d{1,5}$/, "") : text;
}

/** Without a zone; an IPv4-mapped address as IPv4. */
function usualForm(address: string): string {
  return ipaddr.process(address.replace(/%.*$/, "")).toString();
}
