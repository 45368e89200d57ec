import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import type { Notices } from "./notices.js";
import type { RemotePeer } from "./remote.js";

/** Whether pages of an origin may use the server. */
export type OriginCheck = (origin: string, remote: RemotePeer) => boolean;

/**
 * Allows the server's own pages, and those of the given origins. In an origin such as `https://*.example.com`, the
 * asterisk stands for one label of a host name, as in a certificate.
 */
export function createOriginCheck(allowed: readonly string[]): OriginCheck {
  const exact = new Set(allowed.filter((origin) => !isWildcard(origin)));
  const patterns = allowed.filter(isWildcard).map((origin) => patternOf(origin));
  return (origin, remote) =>
    exact.has(origin) || isOwnOrigin(origin, remote) || patterns.some((pattern) => pattern.test(origin));
}

/** Allows the server's own pages, under the scheme of the connection unless a trusted proxy names another. */
export const onlyOwnOrigin: OriginCheck = (origin, { scheme = "http", authority }) =>
  origin === originOf(scheme, authority);

const isWildcard = (text: string) => text.includes("*");

/** Matches text in which the asterisk of the pattern is one label of a host name. */
export function patternOf(pattern: string): RegExp {
  const [head = "", tail = ""] = pattern.split("*").map((part) => part.replace(/[.:/[\]]/g, "\\$&"));
  return new RegExp(`^${head}[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?${tail}$`);
}

/**
 * Whether an origin is that of the server as the client sees it. When a proxy may have ended TLS and does not say so, it
 * is under both schemes: the page is on the same host and port either way.
 */
function isOwnOrigin(origin: string, { scheme, authority }: RemotePeer): boolean {
  if (scheme !== undefined) return origin === originOf(scheme, authority);
  return origin === originOf("http", authority) || origin === originOf("https", authority);
}

/** Browsers omit the default port. */
function originOf(scheme: string, authority: string): string {
  const port = scheme === "https" ? ":443" : ":80";
  return `${scheme}://${authority.endsWith(port) ? authority.slice(0, -port.length) : authority}`;
}

/** Origins as browsers write them; programs that write others know what they do. */
const ORIGINS = /^[a-z][a-z0-9+.-]{0,30}:\/\/[\w.:[\]-]{1,100}$/;

/** Reports a refused origin, with what to change if its pages should be allowed. */
export function noteRefusedOrigin(
  notices: Notices,
  { headers }: IncomingMessage | Http2ServerRequest,
  remote: RemotePeer,
): void {
  const { origin = "" } = headers;
  if (origin !== "null" && !ORIGINS.test(origin)) return;
  const advice = adviceFor(origin, remote, headers["sec-fetch-site"] === "same-origin");
  notices.once("refused origin", origin, `pages of ${origin} may not call this server: ${advice}`);
}

function adviceFor(origin: string, { scheme, authority }: RemotePeer, isSameOrigin: boolean): string {
  if (origin === "null") return "files, sandboxed frames and data: URLs have no origin that could be allowed";
  const host = origin.slice(origin.indexOf("://") + 3);
  if (scheme !== undefined && host === authority) {
    return `the proxy says that they were loaded by ${scheme}; make it send the scheme that browsers use (X-Forwarded-Proto)`;
  }
  const add = `to allow them, add ${origin} to CLIENT_URL`;
  if (!isSameOrigin) return add;
  return `their browser says that they are this server's own, so a proxy replaces the Host header; make it pass the host on (see docs/scaling.md), or add ${origin} to CLIENT_URL`;
}
