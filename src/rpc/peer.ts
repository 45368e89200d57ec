import type { FastifyRequest } from "fastify";
import { addressHost } from "../core/address.js";

/** What the listener knows of who calls, beside the request's headers. */
export interface Peer {
  /** The client's host, for limits. */
  host: string;
  /** Scheme and authority the client sees, such as `https://chat.example.com`. */
  ownOrigin: string;
}

export function peerOf(request: FastifyRequest): Peer {
  return { host: addressHost(request.ip), ownOrigin: ownOrigin(request) };
}

export function ownOrigin(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`;
}
