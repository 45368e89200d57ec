import { Code, ConnectError } from "@connectrpc/connect";
import { compressionNegotiate } from "@connectrpc/connect/protocol";
import * as connect from "@connectrpc/connect/protocol-connect";
import * as grpc from "@connectrpc/connect/protocol-grpc";
import * as grpcWeb from "@connectrpc/connect/protocol-grpc-web";
import type { IncomingHttpHeaders } from "node:http";
import { limits } from "../../core/limits.js";
import { ENVELOPE_BYTES } from "../../http/request-body.js";

/** The protocol of a call, determined by its content type. */
export interface WireProtocol {
  name: "connect" | "connect-stream" | "grpc" | "grpc-web";
  isBinary: boolean;
}

/** The content types of browsers and of our own client; all others are parsed. */
const commonTypes = new Map<string, WireProtocol>([
  [connect.contentTypeUnaryProto, { name: "connect", isBinary: true }],
  [connect.contentTypeUnaryJson, { name: "connect", isBinary: false }],
  [connect.contentTypeStreamProto, { name: "connect-stream", isBinary: true }],
]);

/** Returns undefined for content types that are not served here. */
export function protocolOf(contentType = "", isUnary: boolean, hasGrpc: boolean): WireProtocol | undefined {
  const protocol = commonTypes.get(contentType) ?? parseProtocol(contentType);
  if (protocol === undefined || (protocol.name === "grpc" && !hasGrpc)) return undefined;
  if (protocol.name === "connect") return isUnary ? protocol : undefined;
  return protocol.name === "connect-stream" && isUnary ? undefined : protocol;
}

function parseProtocol(contentType: string): WireProtocol | undefined {
  const ofConnect = connect.parseContentType(contentType);
  if (ofConnect !== undefined) {
    return { name: ofConnect.stream ? "connect-stream" : "connect", isBinary: ofConnect.binary };
  }
  const ofGrpc = grpc.parseContentType(contentType);
  if (ofGrpc !== undefined) return { name: "grpc", isBinary: ofGrpc.binary };
  const ofWeb = grpcWeb.parseContentType(contentType);
  return ofWeb === undefined || ofWeb.text ? undefined : { name: "grpc-web", isBinary: ofWeb.binary };
}

/** The content type of an answer in the same protocol. */
export function contentTypeOf({ name, isBinary }: WireProtocol): string {
  switch (name) {
    case "connect":
      return isBinary ? connect.contentTypeUnaryProto : connect.contentTypeUnaryJson;
    case "connect-stream":
      return isBinary ? connect.contentTypeStreamProto : connect.contentTypeStreamJson;
    case "grpc":
      return isBinary ? grpc.contentTypeProto : grpc.contentTypeJson;
    case "grpc-web":
      return isBinary ? grpcWeb.contentTypeProto : grpcWeb.contentTypeJson;
  }
}

/**
 * Refuses calls by their headers: compressed ones, ones with an invalid timeout, and ones that are too large. Drops a
 * timeout that is longer than the call may take or than a timer can wait.
 * @throws ConnectError
 */
export function checkHeaders({ name }: WireProtocol, headers: IncomingHttpHeaders, maxTimeoutMs: number): void {
  const encoding = headers[encodingHeaders[name]]?.toString() ?? null;
  const { error } = encoding === null ? {} : compressionNegotiate([], encoding, null, "accept-encoding");
  if (error !== undefined) throw error;
  const ofConnect = name === "connect" || name === "connect-stream";
  checkTimeout(ofConnect, headers, maxTimeoutMs);
  const length = Number(headers["content-length"] ?? 0);
  if (length > limits.messageBytes + (name === "connect" ? 0 : ENVELOPE_BYTES)) throw tooLarge();
}

/** The longest delay of a timer in Node.js, nearly 25 days. A longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

function checkTimeout(ofConnect: boolean, headers: IncomingHttpHeaders, maxTimeoutMs: number): void {
  const name = ofConnect ? "connect-timeout-ms" : "grpc-timeout";
  const timeout = headers[name]?.toString();
  if (timeout === undefined) return;
  const parse = ofConnect ? connect.parseTimeout : grpc.parseTimeout;
  const { timeoutMs = 0, error } = parse(timeout, Number.MAX_SAFE_INTEGER);
  if (error !== undefined) throw error;
  // The call ends before it in any case.
  if (timeoutMs > Math.min(maxTimeoutMs, MAX_TIMER_MS)) Reflect.deleteProperty(headers, name);
}

const encodingHeaders = {
  connect: "content-encoding",
  "connect-stream": "connect-content-encoding",
  grpc: "grpc-encoding",
  "grpc-web": "grpc-encoding",
} as const satisfies Record<WireProtocol["name"], string>;

export function tooLarge(): ConnectError {
  return new ConnectError(`a request may have at most ${String(limits.messageBytes)} bytes`, Code.ResourceExhausted);
}

/**
 * The message in a body: all of it, or the content of its only envelope.
 * @throws ConnectError for any other body
 */
export function unwrap({ name }: WireProtocol, bytes: Buffer): Buffer {
  if (name === "connect") {
    if (bytes.length > limits.messageBytes) throw tooLarge();
    return bytes;
  }
  if (bytes.length === 0) throw wrongCount("no message");
  if (bytes.length < ENVELOPE_BYTES) throw truncated();
  if (bytes[0] !== 0)
    throw new ConnectError("the envelope has flags that are not allowed in a request", Code.InvalidArgument);
  const [length, received] = [bytes.readUInt32BE(1), bytes.length - ENVELOPE_BYTES];
  if (length > limits.messageBytes) throw tooLarge();
  if (received < length) throw truncated();
  if (received > length) throw wrongCount("more than one");
  return bytes.subarray(ENVELOPE_BYTES);
}

function truncated(): ConnectError {
  return new ConnectError("the envelope is truncated", Code.InvalidArgument);
}

function wrongCount(received: string): ConnectError {
  return new ConnectError(`this method takes one message; received ${received}`, Code.Unimplemented);
}
