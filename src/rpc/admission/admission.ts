import type { DescMessage, Message } from "@bufbuild/protobuf";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import type { Caller } from "../../app/caller.js";
import type { CountryOf } from "../../http/countries.js";
import type { Body } from "../../http/request-body.js";
import type { CallCount } from "../interceptors/metrics.js";
import { decode, type Decoded } from "../codec/decode.js";
import type { ErrorMap } from "../interceptors/errors.js";
import { noteRefusedOrigin, type OriginCheck } from "../../http/origins.js";
import { abortUpload, discardBody, hasValidUrl, type RequestReader } from "../../http/request-reader.js";
import type { CallSource } from "./authenticate.js";
import type { RemotePeer } from "../../http/remote.js";
import { STREAM_HEADERS } from "../../http/stream-headers.js";
import { checkHeaders, type WireProtocol, protocolOf, unwrap } from "./protocol.js";
import { writeRefusal } from "./refusal.js";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A method as admission knows it. */
export interface AdmissionMethod {
  name: string;
  input: DescMessage;
  /** How a call sends its requests. One that streams them is decoded by the library, message by message. */
  kind: "unary" | "stream" | "streams_up";
  /** Admits a call by its headers. @throws DomainError */
  admit(call: CallSource, request: IncomingMessage): Caller;
  /** Validates the message against the rules of its `.proto`. @throws ConnectError */
  check(message: Message): void;
  /** Serves a call on the fast path. @returns false if the library has to serve it */
  answer?: ((admitted: Admitted, decoded: Decoded) => boolean) | undefined;
}

/** A call whose headers were accepted. */
export interface Admitted {
  request: IncomingMessage;
  response: ServerResponse;
  method: AdmissionMethod;
  protocol: WireProtocol;
  remote: RemotePeer;
  caller: Caller;
  /** The origin whose pages may read the answer. */
  allowedOrigin: string | undefined;
}

export interface AdmissionDependencies {
  reader: RequestReader;
  /** By path. */
  methods: ReadonlyMap<string, AdmissionMethod>;
  mapError: ErrorMap;
  /** Counts refused calls. */
  countCall: CallCount;
  isAllowedOrigin: OriginCheck;
  /** Undefined if countries are not known. */
  countryOf?: CountryOf | undefined;
  /** Whether pages of other origins may read that they are refused, and the log says what to set. */
  explainsOrigins: boolean;
  /** Whether gRPC is served. */
  grpc: boolean;
  /** How long a unary call may take, in milliseconds, whatever timeout its client sets. */
  maxTimeoutMs: number;
}

/**
 * Admits the calls of a listener, in every protocol and on every path. Checks run in the order of their cost, so that
 * no refused call costs much more than the cheapest: the headers (who calls, is it allowed), the body's bytes (how much
 * they hold), the message, its fields. Only then does a handler run.
 */
export function admission(dependencies: AdmissionDependencies, library: Handler): Handler {
  return (request, response) => {
    const method = methodAt(dependencies.methods, request.url ?? "");
    if (method === undefined || request.method === "OPTIONS" || !hasValidUrl(request)) library(request, response);
    else if (request.method === "POST") receive(dependencies, library, request, response, method);
    else refuseRequest(dependencies, request, response, 405);
  };
}

/** The method that a URL names; undefined if there is none. */
export function methodAt(methods: ReadonlyMap<string, AdmissionMethod>, url: string): AdmissionMethod | undefined {
  return methods.get(pathOf(url));
}

/** The path of a URL, which may be absolute when the client uses a proxy. */
function pathOf(url: string): string {
  if (url.startsWith("/")) {
    const query = url.indexOf("?");
    return query < 0 ? url : url.slice(0, query);
  }
  return URL.canParse(url) ? new URL(url).pathname : url;
}

function receive(
  dependencies: AdmissionDependencies,
  library: Handler,
  request: IncomingMessage,
  response: ServerResponse,
  method: AdmissionMethod,
): void {
  const { headers } = request;
  const isUnary = method.kind === "unary";
  const protocol = protocolOf(headers["content-type"], isUnary, dependencies.grpc);
  if (protocol === undefined) {
    refuseRequest(dependencies, request, response, 415);
    return;
  }
  const { origin, authorization } = headers;
  const { reader } = dependencies;
  const remote = reader.remoteOf(request);
  const isOriginAllowed = origin === undefined || dependencies.isAllowedOrigin(origin, remote);
  const allowedOrigin = isOriginAllowed ? origin : undefined;
  let caller: Caller;
  try {
    const country = countryOf(dependencies, request, remote);
    caller = method.admit({ isOriginAllowed, authorization, host: remote.host, country }, request);
    checkHeaders(protocol, headers, isUnary ? dependencies.maxTimeoutMs : Number.MAX_SAFE_INTEGER);
  } catch (error) {
    discardBody(request, response);
    if (!isOriginAllowed && dependencies.explainsOrigins) noteRefusedOrigin(reader.notices, request, remote);
    const readableBy = dependencies.explainsOrigins ? origin : allowedOrigin;
    refuse(dependencies, { request, response, method, protocol, remote, allowedOrigin: readableBy }, error);
    return;
  }
  const admitted: Admitted = { request, response, method, protocol, remote, caller, allowedOrigin };
  if (method.kind === "streams_up") {
    admitTo(reader, admitted, undefined);
    library(request, response);
    return;
  }
  reader.receive(request, (body) => dispatch(dependencies, library, admitted, body));
}

/** Returns a lazy lookup of the caller's country; undefined if countries are not configured. */
function countryOf({ countryOf: lookUp }: AdmissionDependencies, request: IncomingMessage, { host }: RemotePeer) {
  return lookUp === undefined ? undefined : () => lookUp(request, host);
}

function dispatch(dependencies: AdmissionDependencies, library: Handler, admitted: Admitted, body: Body): void {
  const { request, response, method, protocol } = admitted;
  let decoded: Decoded;
  try {
    if (body.error !== undefined) throw body.error;
    decoded = decode(method.input, protocol.isBinary, unwrap(protocol, body.bytes));
    method.check(decoded.message);
  } catch (error) {
    if (!request.complete) abortUpload(request, response);
    refuse(dependencies, admitted, error);
    return;
  }
  if (method.answer?.(admitted, decoded) === true) return;
  admitTo(dependencies.reader, admitted, body);
  library(request, response);
}

/** Callers of the calls that the library serves. */
const callers = new WeakMap<IncomingMessage | Http2ServerRequest, Caller>();

/** The caller of an admitted call; undefined for any other request. */
export function callerOf(request: IncomingMessage | Http2ServerRequest): Caller | undefined {
  return callers.get(request);
}

function admitTo(reader: RequestReader, admitted: Admitted, body: Body | undefined): void {
  const { request, response, method, remote, caller } = admitted;
  if (method.kind !== "unary") for (const header of Object.entries(STREAM_HEADERS)) response.setHeader(...header);
  callers.set(request, caller);
  reader.admit(request, remote, body);
}

const ignore = () => undefined;

function refuse(dependencies: AdmissionDependencies, call: Omit<Admitted, "caller">, cause: unknown): void {
  const { response, method } = call;
  const error = dependencies.mapError(method.name, cause, response.destroyed);
  dependencies.countCall(method.name, error);
  response.on("error", ignore); // the client disconnected
  dependencies.reader.respond(response, () => {
    writeRefusal(call, error);
  });
}

/** Answers requests that belong to no protocol. */
function refuseRequest(
  { reader }: AdmissionDependencies,
  request: IncomingMessage,
  response: ServerResponse,
  status: 405 | 415,
): void {
  discardBody(request, response);
  response.on("error", ignore);
  reader.respond(response, () => {
    response.writeHead(status, { "content-length": "0", ...(status === 405 && { allow: "POST, OPTIONS" }) });
    response.end();
  });
}
