import type { IncomingMessage, ServerResponse } from "node:http";
import { isLoopback, isPlainAddress } from "../core/address.js";
import { type RequestReader, discardBody } from "./request-reader.js";
import { patternOf } from "./origins.js";
import { authorityOf } from "./remote.js";

/** The hosts that a listener answers to. */
export interface HostSettings {
  /** Names, in lower case; in `*.example.com` the asterisk stands for one label. */
  names: readonly string[];
  /**
   * IP addresses. They are safe against DNS rebinding: a browser that was rebound still requests the page's own name,
   * never an address.
   */
  addresses: "any" | "loopback";
  /** Whether a GET or HEAD may omit the host, as load balancers that speak HTTP/1.0 do. Browsers never omit it. */
  mayBeMissing: boolean;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** How many characters of a refused name the answer repeats. */
const MAX_ECHOED_CHARACTERS = 100;

/**
 * Answers requests for unknown hosts with 421, before anything else of the listener sees them. This keeps pages from
 * reaching the server under a name of their own, and makes the `host` header safe to compare origins with.
 */
export function guardHosts(handler: Handler, settings: HostSettings, reader: RequestReader): Handler {
  const isNamed = createNameCheck(settings);
  return (request, response) => {
    const authority = hostOf(request, reader);
    const isRead = request.method === "GET" || request.method === "HEAD";
    // Calls without a host are refused later, when their URL is built.
    const isKnown = authority === "" ? settings.mayBeMissing || !isRead : isNamed(authority);
    if (isKnown) handler(request, response);
    else refuse(reader, request, response, authority);
  };
}

/** The host that the client requested, as forwarded by a trusted proxy. Empty if absent. */
function hostOf(request: IncomingMessage, reader: RequestReader): string {
  const { "x-forwarded-host": forwardedHost, forwarded } = request.headers;
  const isDirect = forwardedHost === undefined && forwarded === undefined;
  return isDirect ? authorityOf(request) : reader.remoteOf(request).authority;
}

function createNameCheck({ names, addresses }: HostSettings): (authority: string) => boolean {
  const exact = new Set(["localhost", ...names.filter((name) => name !== "")]);
  const patterns = names.filter((name) => name.includes("*")).map((name) => patternOf(name));
  const isKnown = (authority: string) => {
    const name = hostName(authority);
    if (isPlainAddress(name)) return addresses === "any" || isLoopback(name);
    return exact.has(name) || patterns.some((pattern) => pattern.test(name));
  };
  let last: string | undefined; // most requests name the same host
  return (authority) => {
    if (authority === last) return true;
    if (!isKnown(authority)) return false;
    last = authority;
    return true;
  };
}

/** The host of an authority in lower case, without port or IPv6 brackets. Empty if the authority is malformed. */
export function hostName(authority: string): string {
  const [, address, name = ""] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::\d*)?$/.exec(authority) ?? [];
  return (address ?? name).toLowerCase().replace(/\.$/, "");
}

function refuse(reader: RequestReader, request: IncomingMessage, response: ServerResponse, authority: string): void {
  discardBody(request, response);
  const echoed = authority.slice(0, MAX_ECHOED_CHARACTERS) || "(no host)";
  const message = `${echoed} is not a name of this server; set HOSTS to add one`;
  const name = hostName(echoed);
  if (/^[a-z\d.-]+\.[a-z\d-]+$/.test(name)) {
    reader.notices.once("refused host", name, `requests for ${name} are refused: to serve them, add ${name} to HOSTS`);
  }
  const body = { code: "permission_denied", message };
  reader.respond(response, () => {
    response.writeHead(421, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(JSON.stringify(body));
  });
}
