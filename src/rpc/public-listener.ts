import { type ContextValues, createContextValues, type Interceptor } from "@connectrpc/connect";
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import { fastify, type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from "fastify";
import { AnswerService } from "../../gen/satoshigle/v1/answer_pb.js";
import { DiagnosticsService } from "../../gen/satoshigle/v1/diagnostics_pb.js";
import { EvidenceService } from "../../gen/satoshigle/v1/evidence_pb.js";
import { MatchService } from "../../gen/satoshigle/v1/matching_pb.js";
import { SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import { TipService } from "../../gen/satoshigle/v1/tipping_pb.js";
import { WarningService } from "../../gen/satoshigle/v1/warning_pb.js";
import { limits } from "../core/limits.js";
import { answerBrokenRequest } from "../http/broken-requests.js";
import { allowOrigins } from "../http/cors.js";
import { countryFinder, type CountrySettings } from "../http/countries.js";
import { demoSite, type DemoSiteSettings } from "../http/demo-site.js";
import { guardHosts, type HostSettings } from "../http/hosts.js";
import { Notices } from "../http/notices.js";
import { createOriginCheck } from "../http/origins.js";
import { Proxies, type ProxySettings } from "../http/proxies.js";
import { addRequestReader, RequestReader, readBodies, refuseUrl } from "../http/request-reader.js";
import { createServer, type ServerSettings } from "../http/server.js";
import { type AdmissionDependencies, admission, callerOf, methodAt } from "./admission/admission.js";
import type { Authenticator } from "./admission/authenticate.js";
import { binaryOptions } from "./codec/binary-options.js";
import { publicMethods } from "./fast-path/fast-path.js";
import { UNARY_TIMEOUT_MS } from "./interceptors/deadline.js";
import { createErrorMap, errorInterceptor } from "./interceptors/errors.js";
import { type CallCount, metricsInterceptor } from "./interceptors/metrics.js";
import { callerKey, publicRoutes } from "./routes.js";
import type { PublicServices } from "./service.js";
import { checkQuestion, reflectionMethods, reflectionRoutes } from "./services/reflection.js";

export interface PublicSettings {
  server: ServerSettings;
  hosts: HostSettings;
  proxies: ProxySettings;
  country: CountrySettings;
  allowedOrigins: readonly string[];
  /** Whether the fast path serves the calls it supports. */
  hasFastPath: boolean;
  /** Whether gRPC and reflection are served, for development. */
  openToTools: boolean;
  /** How often an idle stream sends a heartbeat, in milliseconds. */
  heartbeatMs: number;
  page: DemoSiteSettings;
}

interface PublicListenerDependencies {
  services: PublicServices;
  authenticate: Authenticator;
  countCall: CallCount;
  /** Whether new streams are accepted. */
  isReady: () => boolean;
  /** What is wrong although streams may be accepted, one sentence each. */
  troubles: () => readonly string[];
  logger: FastifyBaseLogger;
  settings: PublicSettings;
}

/**
 * How long a client may leave data unread beyond a heartbeat, in milliseconds. A client that is disconnected may resume.
 */
const WRITE_TIMEOUT_MS = 5_000;

/** The listener for browsers: the RPCs, the demo page and the health endpoints. */
export async function publicListener(dependencies: PublicListenerDependencies): Promise<FastifyInstance> {
  const { services, countCall, settings } = dependencies;
  const { openToTools } = settings;
  const prefix = settings.page.rpcPrefix;
  const calls = createAdmission(dependencies);
  const { reader, methods, mapError, isAllowedOrigin } = calls;
  const app = createApp(dependencies, calls);
  addRequestReader(app, reader);
  await allowOrigins(app, { isAllowedOrigin, isCall: (url) => methodAt(methods, url) !== undefined });
  addHealth(app, dependencies);
  app.all("/socket.io/*", (_request, reply) =>
    reply.code(410).send({ error: "Socket.IO is not supported: use @satoshigle/client or the RPCs of satoshigle.v1" }),
  );
  const interceptors = [errorInterceptor(mapError)];
  const counted = [metricsInterceptor(countCall), ...interceptors];
  await app.register((scope) => rpcs(scope, services, counted, openToTools), { prefix });
  if (openToTools) await app.register((scope) => reflection(scope, interceptors), { prefix });
  await app.register((scope) => demoSite(scope, settings.page));
  return app;
}

/** What the admission of calls needs. */
function createAdmission(dependencies: PublicListenerDependencies): AdmissionDependencies {
  const { services, authenticate, countCall, logger, settings } = dependencies;
  const { allowedOrigins, openToTools, hasFastPath, page, proxies } = settings;
  const onFault = (method: string, err: unknown) => {
    logger.error({ method, err }, "call failed");
  };
  const mapError = createErrorMap(onFault);
  const reader = createReader(settings, logger);
  const fastPath = {
    slowReaders: reader.slowReaders,
    services,
    authenticate,
    mapError,
    countCall,
    prefix: page.rpcPrefix,
    isEnabled: hasFastPath,
    onFault,
  };
  const tools = openToTools ? reflectionMethods(authenticate, page.rpcPrefix) : [];
  return {
    reader,
    methods: new Map([...publicMethods(fastPath), ...tools]),
    mapError,
    countCall,
    isAllowedOrigin: createOriginCheck(allowedOrigins),
    countryOf: countryFinder(settings.country, (address) => proxies.isTrusted(address, 0)),
    explainsOrigins: true,
    grpc: openToTools,
    maxTimeoutMs: UNARY_TIMEOUT_MS,
  };
}

function createReader({ heartbeatMs, proxies }: PublicSettings, logger: FastifyBaseLogger): RequestReader {
  const notices = new Notices((notice) => {
    logger.warn(notice);
  });
  return new RequestReader(heartbeatMs + WRITE_TIMEOUT_MS, new Proxies(proxies, notices), notices);
}

/** The app on a server of its own: calls go through admission, everything else to the app. */
function createApp({ logger, settings }: PublicListenerDependencies, calls: AdmissionDependencies): FastifyInstance {
  const { reader } = calls;
  return fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: () => logger, // requests are not logged individually
    serverFactory: (handler) =>
      createServer(guardHosts(admission(calls, handler), settings.hosts, reader), settings.server),
    bodyLimit: limits.messageBytes,
    return503OnClosing: false,
    frameworkErrors: refuseUrl(reader),
    clientErrorHandler: answerBrokenRequest,
  });
}

function addHealth(app: FastifyInstance, { isReady, troubles }: PublicListenerDependencies): void {
  app.get("/healthz", () => ({ status: "ok" }));
  app.get("/readyz", (_request, reply) =>
    reply.code(isReady() ? 200 : 503).send({ ready: isReady(), troubles: troubles() }),
  );
}

/** The RPCs that the fast path leaves to the library. */
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

/** Reflection, which streams in both directions. For development only. */
async function reflection(app: FastifyInstance, interceptors: Interceptor[]): Promise<void> {
  readBodies(app, checkQuestion);
  await app.register(fastifyConnectPlugin, {
    routes: (router) => {
      reflectionRoutes(router, [
        SignalService,
        MatchService,
        TipService,
        AnswerService,
        WarningService,
        DiagnosticsService,
        EvidenceService,
      ]);
    },
    interceptors,
    contextValues: callerValues,
    readMaxBytes: limits.messageBytes,
    acceptCompression: [],
    binaryOptions,
  });
}

function callerValues(request: FastifyRequest): ContextValues {
  return createContextValues().set(callerKey, callerOf(request.raw));
}
