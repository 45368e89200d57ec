import { type ContextValues, createContextValues, type Interceptor } from "@connectrpc/connect";
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import { fastify, type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from "fastify";
import { MatchService } from "../../gen/satoshigle/v1/matching_pb.js";
import { SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import { TipService } from "../../gen/satoshigle/v1/tipping_pb.js";
import { limits } from "../core/limits.js";
import { type CallCount, metricsInterceptor } from "./interceptors/metrics.js";
import type { PublicServices } from "./commands.js";
import { allowOrigins } from "../http/cors.js";
import { binaryOptions } from "./codec/decode.js";
import { UNARY_TIMEOUT_MS } from "./interceptors/deadline.js";
import { publicMethods } from "./fast-path/fast-path.js";
import { admission } from "./admission/admission.js";
import { createErrorMap } from "./interceptors/errors.js";
import type { Authenticator } from "./admission/authenticate.js";
import { guardHosts, type HostSettings } from "../http/hosts.js";
import { addRequestReader, RequestReader, readBodies, refuseUrl } from "../http/request-reader.js";
import { demoSite, type DemoSiteSettings } from "../http/demo-site.js";
import { checkQuestion, reflectionMethods, reflectionRoutes } from "./services/reflection.js";
import { callerKey, errorInterceptor, publicRoutes } from "./routes.js";
import { createServer, type ServerSettings } from "../http/server.js";

export interface PublicSettings {
  server: ServerSettings;
  hosts: HostSettings;
  allowedOrigins: readonly string[];
  /** Whether the direct path serves what it can. */
  directPath: boolean;
  /** gRPC and reflection, for development. */
  openToTools: boolean;
  /** How often a quiet stream is written to, in milliseconds. */
  heartbeatMs: number;
  page: DemoSiteSettings;
}

interface Parts {
  services: PublicServices;
  guards: Authenticator;
  countCall: CallCount;
  /** Whether new streams are taken. */
  isReady: () => boolean;
  /** What is wrong though streams may be taken, a plain sentence each. */
  troubles: () => readonly string[];
  logger: FastifyBaseLogger;
  settings: PublicSettings;
}

/**
 * How long nothing may be written beyond a heartbeat, in milliseconds, before a client that does not read is cut off; it
 * may resume. Node.js grants the time anew when a write ended meanwhile.
 */
const WRITE_MS = 5_000;

/** The listener people's browsers reach: the RPCs, the page, and whether we are well. */
export async function publicListener(parts: Parts): Promise<FastifyInstance> {
  const { services, guards, countCall, isReady, troubles, logger, settings } = parts;
  const { allowedOrigins, page, openToTools } = settings;
  const prefix = page.rpcPrefix;
  const onFault = (method: string, err: unknown) => {
    logger.error({ method, err }, "call failed");
  };
  const mapError = createErrorMap(onFault);
  const intake = new RequestReader(settings.heartbeatMs + WRITE_MS, settings.server.isTrustedProxy);
  const { answers } = intake;
  const ahead = { answers, services, guards, mapError, countCall, prefix, direct: settings.directPath, onFault };
  const methods = new Map([...publicMethods(ahead), ...(openToTools ? reflectionMethods(guards, prefix) : [])]);
  const maxTimeoutMs = UNARY_TIMEOUT_MS;
  const door = { intake, methods, mapError, countCall, allowedOrigins, grpc: openToTools, maxTimeoutMs };
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: () => logger, // requests are not logged one by one
    serverFactory: (handler) =>
      createServer(guardHosts(admission(door, handler), settings.hosts, intake), settings.server),
    bodyLimit: limits.messageBytes,
    return503OnClosing: false,
    frameworkErrors: refuseUrl(intake),
  });
  addRequestReader(app, intake);
  await allowOrigins(app, allowedOrigins);
  app.get("/healthz", () => ({ status: "ok" }));
  app.get("/readyz", (_request, reply) =>
    reply.code(isReady() ? 200 : 503).send({ ready: isReady(), troubles: troubles() }),
  );
  app.all("/socket.io/*", (_request, reply) =>
    reply.code(410).send({ error: "Socket.IO is gone: use @satoshigle/client, or the RPCs of satoshigle.v1" }),
  );
  const interceptors = [errorInterceptor(mapError)];
  const counted = [metricsInterceptor(countCall), ...interceptors];
  await app.register((scope) => rpcs(scope, services, counted, openToTools), { prefix });
  if (openToTools) await app.register((scope) => reflection(scope, interceptors), { prefix });
  await app.register((scope) => demoSite(scope, page));
  return app;
}

/** The RPCs as the library serves them: everything that the direct path leaves to it. */
async function rpcs(
  app: FastifyInstance,
  services: PublicServices,
  interceptors: Interceptor[],
  openToTools: boolean,
): Promise<void> {
  readBodies(app);
  await app.register(fastifyConnectPlugin, {
    routes: (router) => {
      publicRoutes(router, services, openToTools);
    },
    grpc: openToTools,
    interceptors,
    contextValues: callerValues,
    readMaxBytes: limits.messageBytes,
    writeMaxBytes: limits.responseBytes,
    acceptCompression: [],
    binaryOptions,
  });
}

/** Reflection streams both ways; it exists in development only. */
async function reflection(app: FastifyInstance, interceptors: Interceptor[]): Promise<void> {
  readBodies(app, checkQuestion);
  await app.register(fastifyConnectPlugin, {
    routes: (router) => {
      reflectionRoutes(router, [SignalService, MatchService, TipService]);
    },
    interceptors,
    contextValues: callerValues,
    readMaxBytes: limits.messageBytes,
    acceptCompression: [],
    binaryOptions,
  });
}

function callerValues(request: FastifyRequest): ContextValues {
  return createContextValues().set(callerKey, request.caller);
}
