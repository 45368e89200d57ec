import { type DescMessage, fromBinary, fromJsonString, type Message, type MessageShape } from "@bufbuild/protobuf";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import { limits } from "../core/limits.js";
import { type Body, ENVELOPE_BYTES } from "./body.js";
import type { CallCount } from "./call-count.js";
import { commandsOf, type PublicServices } from "./commands.js";
import { UNARY_TIMEOUT_MS } from "./deadline.js";
import { answerUnary, type Exchange, writeStream } from "./direct-answer.js";
import type { ErrorMap } from "./errors.js";
import { type Call, type Guards, isAllowedOrigin } from "./guards.js";
import { type Intake, namesHost } from "./intake.js";
import type { Peer } from "./peer.js";
import { validate } from "./validate.js";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

interface Parts {
  intake: Intake;
  services: PublicServices;
  guards: Guards;
  mapError: ErrorMap;
  countCall: CallCount;
  /** What stands before the paths of the RPCs. */
  prefix: string;
  allowedOrigins: readonly string[];
  /** Told of what should not happen: an answer that could not be written. */
  onFault: (method: string, error: unknown) => void;
}

interface Method {
  name: string;
  input: DescMessage;
  isStream: boolean;
  /** Carries a call out and answers it; rejects when it cannot answer. */
  answer(exchange: Exchange, request: Message, bytes: Buffer): Promise<void>;
}

/**
 * Serves the common shape of the public methods without the library's generic pipeline, which costs several times the
 * work itself: unary calls in binary and JSON and the binary stream of the Connect protocol, uncompressed. The bytes on
 * the wire are the same. Whatever is not exactly of this shape, and every body that does not parse, is left to the
 * library, so that only one place knows how to refuse it.
 */
export function directPath(parts: Parts, library: Handler): Handler {
  const methods = methodsByPath(parts);
  const { intake, onFault } = parts;
  return (request, response) => {
    const method = methods.get(request.url ?? "");
    if (method === undefined || !isCommon(request, method) || !namesHost(request)) {
      library(request, response);
      return;
    }
    const isBinary = !isJson(request.headers);
    intake.receive(request, (received) => {
      const { peer, body } = received;
      const message = parse(method, isBinary, body);
      if (message === undefined) {
        intake.keep(request, received);
        library(request, response);
        return;
      }
      const exchange = exchangeOf({ request, response, peer, method, isBinary }, parts);
      method.answer(exchange, message, body.bytes).catch((error: unknown) => {
        onFault(method.name, error);
        response.destroy();
      });
    });
  };
}

function methodsByPath({ services, guards, prefix }: Parts): Map<string, Method> {
  const commands = commandsOf(services).map(({ method, serve }): [string, Method] => [
    `${prefix}/${method.parent.typeName}/${method.name}`,
    {
      name: method.name,
      input: method.input,
      isStream: false,
      answer: (exchange, request, bytes) => {
        const binary = exchange.isBinary ? bytes : undefined;
        return answerUnary(exchange, method.output, () => serve(guards(exchange.call), request, binary));
      },
    },
  ]);
  const { signal } = SignalService.method;
  const open = (call: Call, request: MessageShape<typeof signal.input>) => {
    const caller = guards(call);
    validate(signal.input, request);
    return services.signaling.signal(caller, request);
  };
  const stream: Method = {
    name: signal.name,
    input: signal.input,
    isStream: true,
    answer: (exchange, request) =>
      writeStream(exchange, () => open(exchange.call, request as MessageShape<typeof signal.input>)),
  };
  return new Map([...commands, [`${prefix}/${signal.parent.typeName}/${signal.name}`, stream]]);
}

/** Whether a request has nothing about it that only the library knows. */
function isCommon({ method, headers }: IncomingMessage, { isStream }: Method): boolean {
  const type = headers["content-type"];
  const known = isStream ? type === "application/connect+proto" : type === "application/proto" || isJson(headers);
  return (
    known &&
    method === "POST" &&
    headers["content-encoding"] === undefined &&
    headers["connect-content-encoding"] === undefined &&
    Number(headers["content-length"] ?? 0) <= limits.messageBytes &&
    isCommonTimeout(headers["connect-timeout-ms"], isStream)
  );
}

function isJson(headers: IncomingHttpHeaders): boolean {
  return headers["content-type"] === "application/json";
}

/** Clients send it with unary calls; every command is bounded by less. */
function isCommonTimeout(value: string | string[] | undefined, isStream: boolean): boolean {
  if (value === undefined) return true;
  return !isStream && typeof value === "string" && /^[1-9]\d{0,4}$/.test(value) && Number(value) <= UNARY_TIMEOUT_MS;
}

/** The message of a body; undefined when there is anything wrong with it. */
function parse({ input, isStream }: Method, isBinary: boolean, { bytes, error }: Body): Message | undefined {
  if (error !== undefined || bytes.length > limits.messageBytes) return undefined;
  try {
    if (isStream) return isOneEnvelope(bytes) ? fromBinary(input, bytes.subarray(ENVELOPE_BYTES)) : undefined;
    if (isBinary) return fromBinary(input, bytes);
    return fromJsonString(input, bytes.toString(), { ignoreUnknownFields: true }); // as the library does by default
  } catch {
    return undefined;
  }
}

/** One byte of flags, none of them set, and four of the length of what follows. */
function isOneEnvelope(bytes: Buffer): boolean {
  return bytes.length >= ENVELOPE_BYTES && bytes[0] === 0 && bytes.readUInt32BE(1) === bytes.length - ENVELOPE_BYTES;
}

const ignore = () => undefined;

interface Asked {
  request: IncomingMessage;
  response: ServerResponse;
  peer: Peer;
  method: Method;
  isBinary: boolean;
}

function exchangeOf(
  { request: { headers }, response, peer, method: { name }, isBinary }: Asked,
  { intake, allowedOrigins, mapError, countCall }: Parts,
): Exchange {
  response.on("error", ignore); // the client is gone
  const { host, ownOrigin } = peer;
  const { origin, authorization } = headers;
  return {
    call: { origin, authorization, host, ownOrigin },
    response,
    isBinary,
    answers: intake.answers,
    allowedOrigin: origin !== undefined && isAllowedOrigin(origin, peer.ownOrigin, allowedOrigins) ? origin : undefined,
    toError: (error, isGone) => mapError(name, error, isGone),
    count: (error) => {
      countCall(name, error);
    },
  };
}
