import proxyAddr from "@fastify/proxy-addr";
import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { addressHost, withoutPort } from "../core/address.js";

/** The client of a request, behind any trusted proxies. */
export interface RemotePeer {
  /** The client's host, for limits. */
  host: string;
  /** The server's origin as the client sees it, such as `https://chat.example.com`. */
  ownOrigin: string;
}

type Request = IncomingMessage | Http2ServerRequest;

/** Whether an address belongs to a proxy whose `x-forwarded-*` headers are trusted. */
export type Trust = (address: string) => boolean;

export function remoteOf(request: Request, isTrusted: Trust): RemotePeer {
  const { remoteAddress = "" } = request.socket;
  if (!isTrusted(remoteAddress)) return { host: addressHost(remoteAddress), ownOrigin: ownOrigin(request) };
  const { "x-forwarded-proto": scheme, "x-forwarded-host": authority } = request.headers;
  const hops = proxyAddr.all(request as IncomingMessage, (hop) => isTrusted(withoutPort(hop)));
  const address = withoutPort(hops.at(-1) ?? remoteAddress);
  return { host: addressHost(address), ownOrigin: ownOrigin(request, lastOf(scheme), lastOf(authority)) };
}

/** The origin of the pages that this server serves, as a browser sees it. */
export function ownOrigin(request: Request, scheme = schemeOf(request.socket), authority?: string): string {
  return `${scheme}://${authority ?? authorityOf(request)}`;
}

/** The requested host and port. In HTTP/2 the pseudo-header takes precedence (RFC 9113, 8.3.1). Empty if absent. */
export function authorityOf({ headers }: Request): string {
  return headers[":authority"]?.toString() ?? headers.host ?? "";
}

function schemeOf(socket: Socket): string {
  return (socket as Partial<TLSSocket>).encrypted === true ? "https" : "http"; // `in` fails on the proxy that HTTP/2 uses
}

/** The last value of a list, which the nearest proxy wrote; undefined if there is none or it is empty. */
export function lastOf(values: string | string[] | undefined): string | undefined {
  const last = values?.toString().split(",").at(-1)?.trim();
  return last === "" ? undefined : last;
}
