import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { addressHost } from "../core/address.js";
import type { Proxies } from "./proxies.js";

/** The client of a request, behind any trusted proxies. */
export interface RemotePeer {
  /** The client's host, for limits. */
  host: string;
  /** The host and port of the server as the client sees it. */
  authority: string;
  /** `http` or `https`, as the client sees it; undefined when a proxy may have ended TLS. */
  scheme: string | undefined;
}

type Request = IncomingMessage | Http2ServerRequest;

export function remoteOf(request: Request, proxies: Proxies): RemotePeer {
  const { address, scheme, host } = proxies.clientOf(request);
  return {
    host: addressHost(address),
    authority: host ?? authorityOf(request),
    scheme: scheme ?? (isEncrypted(request.socket) ? "https" : undefined),
  };
}

/** The requested host and port. In HTTP/2 the pseudo-header takes precedence (RFC 9113, 8.3.1). Empty if absent. */
export function authorityOf({ headers }: Request): string {
  return headers[":authority"]?.toString() ?? headers.host ?? "";
}

function isEncrypted(socket: Socket): boolean {
  return (socket as Partial<TLSSocket>).encrypted === true; // `in` fails on the proxy that HTTP/2 uses
}
