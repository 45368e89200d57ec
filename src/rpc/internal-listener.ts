import type { DescService } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import { fastify, type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import { limits } from "../core/limits.js";
import { answerBrokenRequest } from "../http/broken-requests.js";
import { guardHosts, type HostSettings } from "../http/hosts.js";
import { Notices, NO_NOTICES } from "../http/notices.js";
import { onlyOwnOrigin } from "../http/origins.js";
import { Proxies, type Trust } from "../http/proxies.js";
import { addRequestReader, RequestReader, readBodies, refuseUrl } from "../http/request-reader.js";
import { createServer, type ServerSettings } from "../http/server.js";
import type { Operators } from "../ports/operators.js";
import { type AdmissionMethod, admission } from "./admission/admission.js";
import { admitOperators } from "./admission/admit-operator.js";
import { requireSameOrigin } from "./admission/same-origin.js";
import { binaryOptions } from "./codec/binary-options.js";
import { deadlineInterceptor } from "./interceptors/deadline.js";
import { createErrorMap, errorInterceptor } from "./interceptors/errors.js";
import { validate } from "./interceptors/validate.js";
import type { InternalService } from "./service.js";
import { checkQuestion, reflectionMethods, reflectionRoutes } from "./services/reflection.js";

interface InternalListenerDependencies {
  services: readonly InternalService[];
  operators: Operators;
  /** Adds what is served beside the RPCs. */
  addSite: (app: FastifyInstance) => void;
  logger: FastifyBaseLogger;
  settings: InternalSettings;
}

export interface InternalSettings {
  server: ServerSettings;
  hosts: HostSettings;
  isOperatorsProxy: Trust;
  /** Folder of the built console. */
  consoleRoot: string;
}

/** How long a client may leave an answer unread, in milliseconds. */
const WRITE_TIMEOUT_MS = 20_000;

/** The listener for operators, monitoring and other services: gRPC and Connect, with reflection. */
export async function internalListener(dependencies: InternalListenerDependencies): Promise<FastifyInstance> {
  const { services, operators, addSite, logger, settings } = dependencies;
  const mapError = createErrorMap((method, err) => {
    logger.error({ method, err }, "internal call failed");
  });
  const notices = new Notices((notice) => {
    logger.warn(`internal listener: ${notice}`);
  });
  // No limit depends on the client's address. Authenticating proxies say which scheme and host the browser uses.
  const proxies = new Proxies({ isTrusted: settings.isOperatorsProxy, header: "auto" }, NO_NOTICES);
  const reader = new RequestReader(WRITE_TIMEOUT_MS, proxies, notices);
  const admissionDependencies = {
    reader,
    methods: methodsOf(services, operators),
    mapError,
    countCall: () => undefined,
    isAllowedOrigin: onlyOwnOrigin,
    explainsOrigins: false,
    grpc: true,
    maxTimeoutMs: Number.MAX_SAFE_INTEGER,
  };
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    serverFactory: (handler) =>
      createServer(guardHosts(admission(admissionDependencies, handler), settings.hosts, reader), settings.server),
    bodyLimit: limits.messageBytes,
    return503OnClosing: false,
    frameworkErrors: refuseUrl(reader),
    clientErrorHandler: answerBrokenRequest,
  });
  requireSameOrigin(app, reader);
  addSite(app);
  addRequestReader(app, reader);
  await app.register((scope) => rpcs(scope, services, errorInterceptor(mapError)));
  return app;
}

/** The RPCs, served by the library. */
async function rpcs(app: FastifyInstance, services: readonly InternalService[], mapErrors: Interceptor): Promise<void> {
  const longRunning = services.flatMap((service) => service.longRunning ?? []);
  readBodies(app, checkQuestion);
  await app.register(fastifyConnectPlugin, {
    routes: (router) => {
      for (const service of services) service.addTo(router);
      reflectionRoutes(
        router,
        services.map(({ desc }) => desc),
      );
    },
    interceptors: [mapErrors, deadlineInterceptor(longRunning)],
    readMaxBytes: limits.messageBytes,
    acceptCompression: [],
    binaryOptions,
  });
}

/** All methods of the listener by path. */
function methodsOf(services: readonly { desc: DescService }[], operators: Operators): Map<string, AdmissionMethod> {
  const admit = admitOperators(operators);
  const reflection = reflectionMethods((call, _rule, request, method) => admit(call, request, method));
  return new Map([...internalMethods(services, admit), ...reflection]);
}

/** The internal methods by path. */
function internalMethods(
  services: readonly { desc: DescService }[],
  admit: ReturnType<typeof admitOperators>,
): [string, AdmissionMethod][] {
  return services
    .flatMap(({ desc }) => desc.methods)
    .map((method) => [
      `/${method.parent.typeName}/${method.name}`,
      {
        name: method.name,
        input: method.input,
        kind: method.methodKind === "unary" ? "unary" : "stream",
        admit: (call, request) => admit(call, request, method),
        check: (message) => {
          validate(method.input, message);
        },
      },
    ]);
}
