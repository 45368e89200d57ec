import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { isLoopback, isPlainAddress } from "../core/address.js";
import { type RequestReader, leaveUnread } from "./request-reader.js";
import { authorityOf, lastOf, type Trust } from "./remote.js";

/** What a listener may be called by those who ask it for something. */
export interface HostSettings {
  /** Names, in lower case. */
  names: readonly string[];
  /**
   * Which IP addresses: a page can make a name of its own point here (DNS rebinding), but its browser then asks for that
   * name, never for an address that the page was not loaded from.
   */
  addresses: "any" | "loopback";
  /** Whether a request that reads may name no host (HTTP/1.0): load balancers do so, browsers never. */
  mayBeMissing: boolean;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** How much of a refused name the answer repeats. */
const TOLD_CHARACTERS = 100;

/**
 * Stands before everything else of a listener: a request for a host that is not ours is answered with 421. So no page
 * reaches us under a name of its own, and what the request says of itself may be held against the host it names.
 */
export function guardHosts(handler: Handler, settings: HostSettings, intake: RequestReader): Handler {
  return (request, response) => {
    const authority = hostOf(request, intake.isTrusted);
    const reads = request.method === "GET" || request.method === "HEAD";
    const isFine = authority === "" ? settings.mayBeMissing || !reads : isNamed(authority, settings);
    // A call that names no host is refused where its URL is made.
    if (isFine) handler(request, response);
    else refuse(intake, request, response, authority);
  };
}

/** The host that the client asked for: a proxy's word counts when the proxy is trusted. Empty when there is none. */
function hostOf(request: IncomingMessage | Http2ServerRequest, isTrusted: Trust): string {
  const forwarded = request.headers["x-forwarded-host"];
  if (forwarded !== undefined && isTrusted(request.socket.remoteAddress ?? "")) {
    return lastOf(forwarded) ?? authorityOf(request);
  }
  return authorityOf(request);
}

function isNamed(authority: string, { names, addresses }: HostSettings): boolean {
  const name = hostName(authority);
  if (isPlainAddress(name)) return addresses === "any" || isLoopback(name);
  return name === "localhost" || (name !== "" && names.includes(name));
}

/** The name of an authority, without its port, in lower case; of an IPv6 address without its brackets. Empty for none. */
export function hostName(authority: string): string {
  const [, address, name = ""] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::\d*)?$/.exec(authority) ?? [];
  return (address ?? name).toLowerCase().replace(/\.$/, "");
}

function refuse(intake: RequestReader, request: IncomingMessage, response: ServerResponse, authority: string): void {
  leaveUnread(request, response);
  const told = authority.slice(0, TOLD_CHARACTERS) || "(no host)";
  const body = { code: "permission_denied", message: `${told} is no name of this server; HOSTS lists those it has` };
  intake.watchUnread(response, () => {
    response.writeHead(421, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(JSON.stringify(body));
  });
}
