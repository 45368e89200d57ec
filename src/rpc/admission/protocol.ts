import { Code, ConnectError } from "@connectrpc/connect";
import { compressionNegotiate } from "@connectrpc/connect/protocol";
import * as connect from "@connectrpc/connect/protocol-connect";
import * as grpc from "@connectrpc/connect/protocol-grpc";
import * as grpcWeb from "@connectrpc/connect/protocol-grpc-web";
import type { IncomingHttpHeaders } from "node:http";
import { limits } from "../../core/limits.js";
import { ENVELOPE_BYTES } from "../../http/request-body.js";

/** How a call speaks, as its content type says. */
export interface WireProtocol {
  protocol: "connect" | "connect-stream" | "grpc" | "grpc-web";
  isBinary: boolean;
}

/** What a browser and a client of ours send; all others take a closer look. */
const usual = new Map<string, WireProtocol>([
  [connect.contentTypeUnaryProto, { protocol: "connect", isBinary: true }],
  [connect.contentTypeUnaryJson, { protocol: "connect", isBinary: false }],
  [connect.contentTypeStreamProto, { protocol: "connect-stream", isBinary: true }],
]);

/** Undefined for a content type of no protocol that is served here. */
export function protocolOf(contentType = "", isUnary: boolean, grpcToo: boolean): WireProtocol | undefined {
  const speech = usual.get(contentType) ?? parseSpeech(contentType);
  if (speech === undefined || (speech.protocol === "grpc" && !grpcToo)) return undefined;
  if (speech.protocol === "connect") return isUnary ? speech : undefined;
  return speech.protocol === "connect-stream" && isUnary ? undefined : speech;
}

function parseSpeech(contentType: string): WireProtocol | undefined {
  const ofConnect = connect.parseContentType(contentType);
  if (ofConnect !== undefined) {
    return { protocol: ofConnect.stream ? "connect-stream" : "connect", isBinary: ofConnect.binary };
  }
  const ofGrpc = grpc.parseContentType(contentType);
  if (ofGrpc !== undefined) return { protocol: "grpc", isBinary: ofGrpc.binary };
  const ofWeb = grpcWeb.parseContentType(contentType);
  return ofWeb === undefined || ofWeb.text ? undefined : { protocol: "grpc-web", isBinary: ofWeb.binary };
}

/** The content type of an answer in the same way. */
export function contentTypeOf({ protocol, isBinary }: WireProtocol): string {
  switch (protocol) {
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
 * Refuses by its headers what no reader of this server takes: compression, a time limit that is none or too long, more
 * bytes than are allowed. Forgets a time limit beyond what a timer can wait.
 * @throws ConnectError
 */
export function checkHeaders({ protocol }: WireProtocol, headers: IncomingHttpHeaders, maxTimeoutMs: number): void {
  const encoding = headers[encodingHeaders[protocol]]?.toString() ?? null;
  const { error } = encoding === null ? {} : compressionNegotiate([], encoding, null, "accept-encoding");
  if (error !== undefined) throw error;
  const ofConnect = protocol === "connect" || protocol === "connect-stream";
  checkTimeout(ofConnect, headers, maxTimeoutMs);
  const length = Number(headers["content-length"] ?? 0);
  if (length > limits.messageBytes + (protocol === "connect" ? 0 : ENVELOPE_BYTES)) throw tooLarge();
}

/** The longest delay of a timer in Node.js, nearly 25 days; one beyond it would run out at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

function checkTimeout(ofConnect: boolean, headers: IncomingHttpHeaders, maxTimeoutMs: number): void {
  const name = ofConnect ? "connect-timeout-ms" : "grpc-timeout";
  const timeout = headers[name]?.toString();
  if (timeout === undefined) return;
  const parse = ofConnect ? connect.parseTimeout : grpc.parseTimeout;
  const { timeoutMs = 0, error } = parse(timeout, maxTimeoutMs);
  if (error !== undefined) throw error;
  // No call takes as long: it is as good as none.
  if (timeoutMs > MAX_TIMER_MS) Reflect.deleteProperty(headers, name);
}

const encodingHeaders = {
  connect: "content-encoding",
  "connect-stream": "connect-content-encoding",
  grpc: "grpc-encoding",
  "grpc-web": "grpc-encoding",
} as const satisfies Record<WireProtocol["protocol"], string>;

export function tooLarge(): ConnectError {
  return new ConnectError(`a request has at most ${String(limits.messageBytes)} bytes`, Code.ResourceExhausted);
}

/**
 * The message of a body: all of it, or what is in its one envelope.
 * @throws ConnectError for anything else
 */
export function unwrap({ protocol }: WireProtocol, bytes: Buffer): Buffer {
  if (protocol === "connect") {
    if (bytes.length > limits.messageBytes) throw tooLarge();
    return bytes;
  }
  if (bytes.length === 0) throw notOne("none");
  if (bytes.length < ENVELOPE_BYTES) throw brokenOff();
  if (bytes[0] !== 0)
    throw new ConnectError("the envelope has flags that a request may not have", Code.InvalidArgument);
  const [length, came] = [bytes.readUInt32BE(1), bytes.length - ENVELOPE_BYTES];
  if (length > limits.messageBytes) throw tooLarge();
  if (came < length) throw brokenOff();
  if (came > length) throw notOne("more");
  return bytes.subarray(ENVELOPE_BYTES);
}

function brokenOff(): ConnectError {
  return new ConnectError("the envelope broke off", Code.InvalidArgument);
}

function notOne(came: string): ConnectError {
  return new ConnectError(`this method takes one message, and ${came} came`, Code.Unimplemented);
}
