import proxyAddr from "@fastify/proxy-addr";
import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { addressHost, withoutPort } from "../core/address.js";

/** What the listener knows of who calls, beside the request's headers. */
export interface RemotePeer {
  /** The client's host, for limits. */
  host: string;
  /** Scheme and authority the client sees, such as `https://chat.example.com`. */
  ownOrigin: string;
}

type Request = IncomingMessage | Http2ServerRequest;

/** Whether an address is that of a proxy whose `x-forwarded-*` headers count. */
export type Trust = (address: string) => boolean;

export function peerOf(request: Request, isTrusted: Trust): RemotePeer {
  const { remoteAddress = "" } = request.socket;
  if (!isTrusted(remoteAddress)) return { host: addressHost(remoteAddress), ownOrigin: ownOrigin(request) };
  const { "x-forwarded-proto": scheme, "x-forwarded-host": authority } = request.headers;
  const hops = proxyAddr.all(request as IncomingMessage, (hop) => isTrusted(withoutPort(hop)));
  const address = withoutPort(hops.at(-1) ?? remoteAddress);
  return { host: addressHost(address), ownOrigin: ownOrigin(request, lastOf(scheme), lastOf(authority)) };
}

/** The origin of the pages that this server itself serves, as their browser knows it. */
export function ownOrigin(request: Request, scheme = schemeOf(request.socket), authority?: string): string {
  return `${scheme}://${authority ?? authorityOf(request)}`;
}

/** The host and port a request is for; over HTTP/2 the pseudo-header comes first (RFC 9113, 8.3.1). Empty for none. */
export function authorityOf({ headers }: Request): string {
  return headers[":authority"]?.toString() ?? headers.host ?? "";
}

function schemeOf(socket: Socket): string {
  return (socket as Partial<TLSSocket>).encrypted === true ? "https" : "http"; // over HTTP/2 `in` would not see it
}

/** The proxy next to us wrote the last one; undefined without any, or when that is empty. */
export function lastOf(values: string | string[] | undefined): string | undefined {
  const last = values?.toString().split(",").at(-1)?.trim();
  return last === "" ? undefined : last;
}
