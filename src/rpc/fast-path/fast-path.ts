import type { Message, MessageShape } from "@bufbuild/protobuf";
import type { IncomingMessage } from "node:http";
import { SignalService } from "../../../gen/satoshigle/v1/signaling_pb.js";
import type { StreamClient } from "../../app/arrivals.js";
import type { CallCount } from "../interceptors/metrics.js";
import { type Command, publicCommands } from "../commands.js";
import type { PublicServices } from "../service.js";
import { writeUnary, FastPathCall, writeStream } from "./response.js";
import type { Admitted, AdmissionMethod } from "../admission/admission.js";
import type { ErrorMap } from "../interceptors/errors.js";
import type { Authenticator } from "../admission/authenticate.js";
import type { SlowReaders } from "../../http/slow-readers.js";
import { validate } from "../interceptors/validate.js";

interface FastPathDependencies {
  slowReaders: SlowReaders;
  services: PublicServices;
  authenticate: Authenticator;
  mapError: ErrorMap;
  countCall: CallCount;
  /** The path prefix of the RPCs. */
  prefix: string;
  /** Whether calls are served here, or all of them by the library. */
  isEnabled: boolean;
  /** Called when an answer could not be written. */
  onFault: (method: string, error: unknown) => void;
}

/**
 * The public methods by path. Common calls bypass the library's generic pipeline, which costs several times as much as
 * the work itself: unary calls in binary and JSON, and the binary stream, of the Connect protocol. The bytes on the
 * wire are the same. The library serves everything else.
 */
export function publicMethods(dependencies: FastPathDependencies): Map<string, AdmissionMethod> {
  const methods = [
    ...publicCommands(dependencies.services).map((one) => unaryMethod(one, dependencies)),
    streamMethod(dependencies),
  ];
  return new Map(methods.map(({ path, method }) => [dependencies.prefix + path, method]));
}

interface Route {
  path: string;
  method: AdmissionMethod;
}

function unaryMethod(command: Command, dependencies: FastPathDependencies): Route {
  const { method, budget, needsToken, check, serve } = command;
  const rule = { needsToken, budget };
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    method: {
      name: method.name,
      input: method.input,
      kind: "unary",
      admit: (call) => dependencies.authenticate(call, rule),
      check,
      answer: (admitted, { message, bytes }) => {
        if (!dependencies.isEnabled || admitted.protocol.name !== "connect" || needsLibrary(admitted.request))
          return false;
        const work = () => serve(admitted.caller, message, bytes);
        reportFaults(writeUnary(new FastPathCall(admitted, dependencies), method.output, work), admitted, dependencies);
        return true;
      },
    },
  };
}

function streamMethod(dependencies: FastPathDependencies): Route {
  const { signal } = SignalService.method;
  const rule = { needsToken: false, budget: "rest" } as const;
  return {
    path: `/${signal.parent.typeName}/${signal.name}`,
    method: {
      name: signal.name,
      input: signal.input,
      kind: "stream",
      admit: (call) => dependencies.authenticate(call, rule),
      check: (message: Message) => {
        validate(signal.input, message as MessageShape<typeof signal.input>);
      },
      answer: (admitted, { message }) => {
        const { protocol, request } = admitted;
        const isCommon = protocol.name === "connect-stream" && protocol.isBinary && !needsLibrary(request);
        if (!dependencies.isEnabled || !isCommon || "connect-timeout-ms" in request.headers) return false;
        const open = (client: StreamClient) =>
          dependencies.services.openStream(admitted.caller, message as MessageShape<typeof signal.input>, client);
        reportFaults(writeStream(new FastPathCall(admitted, dependencies), open), admitted, dependencies);
        return true;
      },
    },
  };
}

/** Whether only the library can answer: compressed requests, and clients that set a timeout of 0. */
function needsLibrary({ headers }: IncomingMessage): boolean {
  const { "connect-timeout-ms": timeout = "1" } = headers;
  return "content-encoding" in headers || "connect-content-encoding" in headers || Number(timeout) === 0;
}

function reportFaults(answer: Promise<void>, { response, method }: Admitted, { onFault }: FastPathDependencies): void {
  answer.catch((error: unknown) => {
    onFault(method.name, error);
    response.destroy();
  });
}
