import { type ConnectError, cors } from "@connectrpc/connect";
import {
  codeToHttpStatus,
  contentTypeUnaryJson,
  endStreamFlag,
  endStreamToJson,
  errorToJsonBytes,
} from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { trailerFlag, trailerSerialize } from "@connectrpc/connect/protocol-grpc-web";
import type { ServerResponse } from "node:http";
import { envelope } from "../codec/envelope.js";
import { contentTypeOf, type WireProtocol } from "./protocol.js";

export interface RefusedCall {
  response: ServerResponse;
  protocol: WireProtocol;
  /** The origin whose pages may read the answer. */
  allowedOrigin: string | undefined;
}

const exposedHeaders = cors.exposedHeaders.join(", ");
const EMPTY = Buffer.alloc(0);

/** The CORS headers of an answer. Every path sends them: `vary` in any case, the others for allowed origins. */
export function originHeaders(allowedOrigin: string | undefined): string[] {
  const headers = ["vary", "Origin"];
  if (allowedOrigin === undefined) return headers;
  headers.push("access-control-allow-origin", allowedOrigin, "access-control-expose-headers", exposedHeaders);
  return headers;
}

/** Answers a call with an error, in its own protocol. */
export function writeRefusal({ response, protocol, allowedOrigin }: RefusedCall, error: ConnectError): void {
  const { status, type, trailers, body } = render(protocol, error);
  const headers = [...originHeaders(allowedOrigin), "content-type", type];
  if (trailers === undefined) headers.push("content-length", String(body.length));
  response.writeHead(status, headers);
  if (trailers !== undefined) response.addTrailers(trailers);
  if (body.length === 0) response.end();
  else response.end(body);
}

interface Rendered {
  status: number;
  type: string;
  trailers: Record<string, string> | undefined;
  body: Uint8Array;
}

function render(protocol: WireProtocol, error: ConnectError): Rendered {
  const plain = { status: 200, type: contentTypeOf(protocol), trailers: undefined };
  switch (protocol.name) {
    case "connect": {
      const body = errorToJsonBytes(error, undefined);
      return { ...plain, status: codeToHttpStatus(error.code), type: contentTypeUnaryJson, body };
    }
    case "connect-stream": {
      const end = JSON.stringify(endStreamToJson(new Headers(), error, undefined));
      return { ...plain, body: envelope(endStreamFlag, Buffer.from(end)) };
    }
    case "grpc":
      return { ...plain, trailers: Object.fromEntries(setTrailerStatus(new Headers(), error)), body: EMPTY };
    case "grpc-web":
      return { ...plain, body: envelope(trailerFlag, trailerSerialize(setTrailerStatus(new Headers(), error))) };
  }
}
