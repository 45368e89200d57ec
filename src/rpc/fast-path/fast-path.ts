import type { Message, MessageShape } from "@bufbuild/protobuf";
import type { IncomingMessage } from "node:http";
import { SignalService } from "../../../gen/satoshigle/v1/signaling_pb.js";
import type { CallCount } from "../interceptors/metrics.js";
import { type Command, commandsOf, type PublicServices } from "../commands.js";
import { acknowledge, FastPathCall, writeStream } from "./response.js";
import type { Admitted, AdmissionMethod } from "../admission/admission.js";
import type { ErrorMap } from "../interceptors/errors.js";
import type { Authenticator } from "../admission/authenticate.js";
import type { SlowReaders } from "../../http/slow-readers.js";
import { validate } from "../interceptors/validate.js";

interface Parts {
  answers: SlowReaders;
  services: PublicServices;
  guards: Authenticator;
  mapError: ErrorMap;
  countCall: CallCount;
  /** What stands before the paths of the RPCs. */
  prefix: string;
  /** Whether calls of a common shape are served here, or all of them by the library. */
  direct: boolean;
  /** Told of what should not happen: an answer that could not be written. */
  onFault: (method: string, error: unknown) => void;
}

/**
 * The public methods for the door. It serves their common shape without the library's generic pipeline, which costs
 * several times the work itself: unary calls in binary and JSON and the binary stream of the Connect protocol. The bytes
 * on the wire are the same. Whatever is not exactly of this shape is left to the library.
 */
export function publicMethods(parts: Parts): Map<string, AdmissionMethod> {
  const methods = [...commandsOf(parts.services).map((one) => unaryMethod(one, parts)), streamMethod(parts)];
  return new Map(methods.map(({ path, method }) => [parts.prefix + path, method]));
}

interface Placed {
  path: string;
  method: AdmissionMethod;
}

function unaryMethod({ method, budget, check, serve }: Command, parts: Parts): Placed {
  const rule = { needsToken: true, budget };
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    method: {
      name: method.name,
      input: method.input,
      kind: "unary",
      admit: (call) => parts.guards(call, rule),
      check,
      answer: (admitted, { message, bytes }) => {
        if (!parts.direct || admitted.speech.protocol !== "connect" || isOdd(admitted.request)) return false;
        const work = () => serve(admitted.caller, message, bytes);
        answered(acknowledge(new FastPathCall(admitted, parts), method.output, work), admitted, parts);
        return true;
      },
    },
  };
}

function streamMethod(parts: Parts): Placed {
  const { signal } = SignalService.method;
  const rule = { needsToken: false, budget: "rest" } as const;
  return {
    path: `/${signal.parent.typeName}/${signal.name}`,
    method: {
      name: signal.name,
      input: signal.input,
      kind: "stream",
      admit: (call) => parts.guards(call, rule),
      check: (message: Message) => {
        validate(signal.input, message as MessageShape<typeof signal.input>);
      },
      answer: (admitted, { message }) => {
        const { speech, request } = admitted;
        const isCommon = speech.protocol === "connect-stream" && speech.isBinary && !isOdd(request);
        if (!parts.direct || !isCommon || "connect-timeout-ms" in request.headers) return false;
        const open = () =>
          parts.services.signaling.signal(admitted.caller, message as MessageShape<typeof signal.input>);
        answered(writeStream(new FastPathCall(admitted, parts), open), admitted, parts);
        return true;
      },
    },
  };
}

/** Whether only the library knows how to answer: in an encoding, or to a client that allows no time at all. */
function isOdd({ headers }: IncomingMessage): boolean {
  const { "connect-timeout-ms": timeout = "1" } = headers;
  return "content-encoding" in headers || "connect-content-encoding" in headers || Number(timeout) === 0;
}

function answered(answer: Promise<void>, { response, method }: Admitted, { onFault }: Parts): void {
  answer.catch((error: unknown) => {
    onFault(method.name, error);
    response.destroy();
  });
}
