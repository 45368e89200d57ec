import { isIPv4, isIPv6 } from "node:net";

/** A parsed URL of a STUN or TURN server. */
export interface IceUrl {
  kind: "stun" | "turn";
  /** In normal form: lower case, without leading zeros in the port. */
  url: string;
  /** A name or an IP address, without brackets. */
  host: string;
  port: number;
  transport: "udp" | "tcp" | "tls";
}

const [DEFAULT_PORT, DEFAULT_TLS_PORT] = [3478, 5349];

interface Authority {
  text: string;
  host: string;
  port: number | undefined;
}

/** Scheme, host with port, and parameters. */
const FORM = /^(stun|turn)(s?):([^?]*)(?:\?(.*))?$/is;
const AUTHORITY = /^(\[[^\]]*\]|[^:[\]]*)(?::([^:]*))?$/s;
const LABEL = /^[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?$/i;
const MAX_NAME_CHARACTERS = 253;
const MAX_PORT = 65_535;

/**
 * Parses a URL of a STUN (RFC 7064) or TURN server (RFC 7065). Only URLs that browsers accept are allowed: a host that
 * is an IP address or a name of DNS, a port, and for TURN the transport.
 * @returns the URL, or what is wrong with it; an empty text when it is not such a URL at all
 */
export function parseIceUrl(given: string): IceUrl | { problem: string } {
  if (given.includes("://")) return { problem: "these URLs have no // after the scheme" };
  const [, scheme, secure = "", authority = "", query] = FORM.exec(given) ?? [];
  if (scheme === undefined) return { problem: "" };
  const kind = scheme.toLowerCase() === "stun" ? "stun" : "turn";
  const isSecure = secure !== "";
  const address = parseAuthority(authority);
  if ("problem" in address) return address;
  const parameters = kind === "stun" ? refuseParameters(query) : parseTransport(query, isSecure);
  if (typeof parameters !== "string") return parameters;
  return {
    kind,
    url: `${kind}${isSecure ? "s" : ""}:${address.text}${parameters}`,
    host: address.host,
    port: address.port ?? (isSecure ? DEFAULT_TLS_PORT : DEFAULT_PORT),
    transport: isSecure ? "tls" : parameters.endsWith("tcp") ? "tcp" : "udp",
  };
}

function parseAuthority(authority: string): Authority | { problem: string } {
  if (authority.includes("@")) return { problem: "these URLs have no user and no password" };
  if (/[/#\s]/.test(authority)) return { problem: "write the host and the port alone, without a path" };
  const [, host, port] = AUTHORITY.exec(authority) ?? [];
  if (host === undefined) return { problem: "write an IPv6 address in brackets, and the port behind them" };
  const problem = problemOfHost(host) ?? (port === undefined ? undefined : problemOfPort(port));
  if (problem !== undefined) return { problem };
  const name = host.toLowerCase();
  const number = port === undefined ? undefined : Number(port);
  const text = number === undefined ? name : `${name}:${String(number)}`;
  return { text, host: name.replace(/^\[|\]$/g, ""), port: number };
}

function problemOfHost(host: string): string | undefined {
  if (host === "") return "it names no host";
  if (host.startsWith("[")) {
    const isAddress = isIPv6(host.slice(1, -1)) && !host.includes("%");
    return isAddress ? undefined : "the brackets hold an IPv6 address without a zone";
  }
  const labels = host.replace(/\.$/, "").split(".");
  if (/^(\d+|0x[\da-f]*)$/i.test(labels.at(-1) ?? "")) {
    return isIPv4(host) ? undefined : "an IPv4 address has four numbers, 0 to 255";
  }
  if (/[^\u0020-\u007e]/.test(host)) return "write the name of the host in ASCII, as xn--…";
  const isName = host.length <= MAX_NAME_CHARACTERS && labels.every((label) => LABEL.test(label));
  return isName ? undefined : "the host is not a name of DNS";
}

function problemOfPort(port: string): string | undefined {
  if (!/^\d+$/.test(port)) return "the port is a number";
  const number = Number(port);
  return number >= 1 && number <= MAX_PORT ? undefined : `the port is 1 to ${String(MAX_PORT)}`;
}

function refuseParameters(query: string | undefined): string | { problem: string } {
  return query === undefined ? "" : { problem: "URLs of STUN servers have no parameters" };
}

function parseTransport(query: string | undefined, isSecure: boolean): string | { problem: string } {
  if (query === undefined) return "";
  const [, transport] = /^transport=(udp|tcp)$/i.exec(query) ?? [];
  if (transport === undefined) return { problem: "the only parameter is ?transport=udp or ?transport=tcp" };
  if (isSecure && transport.toLowerCase() === "udp") {
    return { problem: "browsers reach turns: over TCP only: write ?transport=tcp" };
  }
  return `?transport=${transport.toLowerCase()}`;
}
