import type { DescMessage, Message } from "@bufbuild/protobuf";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Caller } from "../../app/caller.js";
import type { Body } from "../../http/request-body.js";
import type { CallCount } from "../interceptors/metrics.js";
import { decode, type Decoded } from "../codec/decode.js";
import type { ErrorMap } from "../interceptors/errors.js";
import { type Call, isAllowedOrigin } from "./authenticate.js";
import { cutUpload, type RequestReader, leaveUnread, namesHost } from "../../http/request-reader.js";
import type { RemotePeer } from "../../http/remote.js";
import { checkHeaders, type WireProtocol, protocolOf, unwrap } from "./protocol.js";
import { writeRefusal } from "./refusal.js";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A method as the door knows it. */
export interface AdmissionMethod {
  name: string;
  input: DescMessage;
  /** How many requests a call has; one that streams them is decoded behind the door, message by message. */
  kind: "unary" | "stream" | "streams_up";
  /** Decides by the headers. @throws DomainError */
  admit(call: Call): Caller;
  /** Holds the message against the rules of its `.proto`. @throws ConnectError */
  check(message: Message): void;
  /** Serves a call without the library, if it can. */
  answer?: ((admitted: Admitted, decoded: Decoded) => boolean) | undefined;
}

/** A call that was let in: nothing is wrong with what it says. */
export interface Admitted {
  request: IncomingMessage;
  response: ServerResponse;
  method: AdmissionMethod;
  speech: WireProtocol;
  peer: RemotePeer;
  caller: Caller;
  /** The origin whose pages may read the answer. */
  allowedOrigin: string | undefined;
}

export interface AdmissionDependencies {
  intake: RequestReader;
  /** By path. */
  methods: ReadonlyMap<string, AdmissionMethod>;
  mapError: ErrorMap;
  /** Counts a call that was refused. */
  countCall: CallCount;
  allowedOrigins: readonly string[];
  /** Whether gRPC is spoken. */
  grpc: boolean;
  /** The longest time limit that a client may set, in milliseconds. */
  maxTimeoutMs: number;
}

/**
 * Every call of a listener comes through here, whatever it speaks and whatever serves it. One order, so that the dearest
 * call that is refused costs little more than the cheapest: what the headers tell (who calls, and may it), then the body
 * as bytes (how much is in it), then the message, then its fields. Only then anybody works for it.
 */
export function admission(parts: AdmissionDependencies, library: Handler): Handler {
  return (request, response) => {
    const method = parts.methods.get(pathOf(request.url ?? ""));
    if (method === undefined || request.method === "OPTIONS" || !namesHost(request)) library(request, response);
    else if (request.method === "POST") receive(parts, library, request, response, method);
    else refuseForm(parts, request, response, 405);
  };
}

/** The path of a URL, which a client of a proxy writes out in full. */
function pathOf(url: string): string {
  if (url.startsWith("/")) {
    const query = url.indexOf("?");
    return query < 0 ? url : url.slice(0, query);
  }
  return URL.canParse(url) ? new URL(url).pathname : url;
}

function receive(
  parts: AdmissionDependencies,
  library: Handler,
  request: IncomingMessage,
  response: ServerResponse,
  method: AdmissionMethod,
): void {
  const { headers } = request;
  const isUnary = method.kind === "unary";
  const speech = protocolOf(headers["content-type"], isUnary, parts.grpc);
  if (speech === undefined) {
    refuseForm(parts, request, response, 415);
    return;
  }
  const { intake } = parts;
  const peer = intake.peerOf(request);
  const { origin, authorization } = headers;
  const isReadable = origin !== undefined && isAllowedOrigin(origin, peer.ownOrigin, parts.allowedOrigins);
  const allowedOrigin = isReadable ? origin : undefined;
  let caller: Caller;
  try {
    const { host, ownOrigin } = peer;
    caller = method.admit({ origin, authorization, host, ownOrigin });
    checkHeaders(speech, headers, isUnary ? parts.maxTimeoutMs : Number.MAX_SAFE_INTEGER);
  } catch (error) {
    leaveUnread(request, response);
    refuse(parts, { request, response, method, speech, peer, allowedOrigin }, error);
    return;
  }
  const admitted: Admitted = { request, response, method, speech, peer, caller, allowedOrigin };
  if (method.kind === "streams_up") {
    intake.keep(request, admitted, undefined);
    library(request, response);
    return;
  }
  intake.receive(request, (body) => {
    enter(parts, library, admitted, body);
  });
}

function enter(parts: AdmissionDependencies, library: Handler, admitted: Admitted, body: Body): void {
  const { request, response, method, speech } = admitted;
  let decoded: Decoded;
  try {
    if (body.error !== undefined) throw body.error;
    decoded = decode(method.input, speech.isBinary, unwrap(speech, body.bytes));
    method.check(decoded.message);
  } catch (error) {
    if (!request.complete) cutUpload(request, response);
    refuse(parts, admitted, error);
    return;
  }
  if (method.answer?.(admitted, decoded) === true) return;
  parts.intake.keep(request, admitted, body);
  library(request, response);
}

const ignore = () => undefined;

function refuse(parts: AdmissionDependencies, call: Omit<Admitted, "caller">, cause: unknown): void {
  const { response, method } = call;
  const error = parts.mapError(method.name, cause, response.destroyed);
  parts.countCall(method.name, error);
  response.on("error", ignore); // the client is gone
  parts.intake.watchUnread(response, () => {
    writeRefusal(call, error);
  });
}

/** Answers what is no call of any protocol. */
function refuseForm(
  { intake }: AdmissionDependencies,
  request: IncomingMessage,
  response: ServerResponse,
  status: 405 | 415,
): void {
  leaveUnread(request, response);
  response.on("error", ignore);
  intake.watchUnread(response, () => {
    response.writeHead(status, { "content-length": "0", ...(status === 405 && { allow: "POST, OPTIONS" }) });
    response.end();
  });
}
