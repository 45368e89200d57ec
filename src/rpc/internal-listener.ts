import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { ConnectRouter, Interceptor } from "@connectrpc/connect";
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import { fastify, type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import { limits } from "../core/limits.js";
import { deadlineInterceptor } from "./interceptors/deadline.js";
import { binaryOptions } from "./codec/decode.js";
import { type AdmissionMethod, admission } from "./admission/admission.js";
import { createErrorMap } from "./interceptors/errors.js";
import { guardHosts, type HostSettings } from "../http/hosts.js";
import { addRequestReader, RequestReader, readBodies, refuseUrl } from "../http/request-reader.js";
import { admitSameOrigin, requireSameOrigin } from "./admission/same-origin.js";
import { type Exposition, opsSite } from "../http/ops-site.js";
import { checkQuestion, reflectionMethods, reflectionRoutes } from "./services/reflection.js";
import { errorInterceptor } from "./routes.js";
import { createServer, type ServerSettings } from "../http/server.js";
import { validate } from "./interceptors/validate.js";

export interface InternalService {
  desc: DescService;
  addTo(router: ConnectRouter): void;
  /** Unary methods that may take longer than others. */
  longRunning?: readonly DescMethod[];
}

interface Parts {
  services: readonly InternalService[];
  metrics: Exposition;
  logger: FastifyBaseLogger;
  settings: InternalSettings;
}

export interface InternalSettings {
  server: ServerSettings;
  hosts: HostSettings;
  /** Folder of the built console. */
  consoleRoot: string;
}

/** How long what was written for a client may stay unread, in milliseconds, before the client is cut off. */
const WRITE_MS = 20_000;

/** The listener that operators, monitoring and other services reach: gRPC first, Connect too, with reflection. */
export async function internalListener({ services, metrics, logger, settings }: Parts): Promise<FastifyInstance> {
  const mapError = createErrorMap((method, err) => {
    logger.error({ method, err }, "internal call failed");
  });
  const intake = new RequestReader(WRITE_MS, settings.server.isTrustedProxy);
  const methods = new Map([...internalMethods(services), ...reflectionMethods(admitSameOrigin)]);
  const maxTimeoutMs = Number.MAX_SAFE_INTEGER;
  const door = { intake, methods, mapError, countCall: () => undefined, allowedOrigins: [], grpc: true, maxTimeoutMs };
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    serverFactory: (handler) =>
      createServer(guardHosts(admission(door, handler), settings.hosts, intake), settings.server),
    bodyLimit: limits.messageBytes,
    return503OnClosing: false,
    frameworkErrors: refuseUrl(intake),
  });
  requireSameOrigin(app, intake);
  opsSite(app, metrics, settings.consoleRoot);
  addRequestReader(app, intake);
  await app.register((scope) => rpcs(scope, services, errorInterceptor(mapError)));
  return app;
}

/** The RPCs as the library serves them. */
async function rpcs(app: FastifyInstance, services: readonly InternalService[], mapErrors: Interceptor): Promise<void> {
  const unhurried = services.flatMap((service) => service.longRunning ?? []);
  readBodies(app, checkQuestion);
  await app.register(fastifyConnectPlugin, {
    routes: (router) => {
      for (const service of services) service.addTo(router);
      reflectionRoutes(
        router,
        services.map(({ desc }) => desc),
      );
    },
    interceptors: [mapErrors, deadlineInterceptor(unhurried)],
    readMaxBytes: limits.messageBytes,
    acceptCompression: [],
    binaryOptions,
  });
}

/** The internal methods for the door. */
function internalMethods(services: readonly InternalService[]): [string, AdmissionMethod][] {
  return services
    .flatMap(({ desc }) => desc.methods)
    .map((method) => [
      `/${method.parent.typeName}/${method.name}`,
      {
        name: method.name,
        input: method.input,
        kind: method.methodKind === "unary" ? "unary" : "stream",
        admit: admitSameOrigin,
        check: (message) => {
          validate(method.input, message);
        },
      },
    ]);
}
