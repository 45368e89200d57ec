import cors from "@fastify/cors";
import { type ContextValues, cors as connectCors, createContextValues, type Interceptor } from "@connectrpc/connect";
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import { createValidateInterceptor } from "@connectrpc/validate";
import { fastify, type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from "fastify";
import { MatchService } from "../../gen/satoshigle/v1/matching_pb.js";
import { SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import { addressHost } from "../core/address.js";
import { limits } from "../core/limits.js";
import { collectBody } from "./body.js";
import { type Guards, isAllowedOrigin } from "./guards.js";
import { pages, type PageSettings } from "./pages.js";
import { reflectionRoutes } from "./reflection.js";
import { errorInterceptor, guardInterceptor, peerKey, publicRoutes, type PublicServices } from "./routes.js";
import { createServer, type ServerSettings } from "./server.js";

export interface PublicSettings {
  server: ServerSettings;
  /** Networks whose `x-forwarded-*` headers count. */
  trustedProxies: string[];
  allowedOrigins: readonly string[];
  /** gRPC and reflection, for development. */
  openToTools: boolean;
  /** How often a quiet stream is written to, in milliseconds. */
  heartbeatMs: number;
  page: PageSettings;
}

interface Parts {
  services: PublicServices;
  guards: Guards;
  /** Whether new streams are taken. */
  isReady: () => boolean;
  logger: FastifyBaseLogger;
  settings: PublicSettings;
}

/** An envelope's header (Connect and gRPC): one flag byte and four of length. */
const ENVELOPE_BYTES = 5;
/**
 * How long nothing may be written beyond a heartbeat, in milliseconds, before a client that does not read is cut off; it
 * may resume. Node.js grants the time anew when a write ended meanwhile.
 */
const WRITE_MS = 5_000;
const bodyLimits = { bytes: limits.messageBytes + ENVELOPE_BYTES, chunks: 256, timeoutMs: 10_000 };

/** The listener people's browsers reach: the RPCs, the page, and whether we are well. */
export async function publicListener({ services, guards, isReady, logger, settings }: Parts): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: settings.trustedProxies.length > 0 ? settings.trustedProxies : false,
    serverFactory: (handler) => createServer(handler, settings.server),
    bodyLimit: limits.messageBytes,
    return503OnClosing: false,
  });
  const { allowedOrigins } = settings;
  await app.register(cors, {
    delegator: (request: FastifyRequest, done) => {
      const origin = request.headers.origin;
      const allowed = origin !== undefined && isAllowedOrigin(origin, ownOrigin(request), allowedOrigins);
      done(null, {
        origin: allowed ? origin : false,
        methods: ["POST"],
        allowedHeaders: [...connectCors.allowedHeaders, "authorization"],
        exposedHeaders: [...connectCors.exposedHeaders],
        maxAge: 7200,
      });
    },
  });
  app.get("/healthz", () => ({ status: "ok" }));
  app.get("/readyz", (_request, reply) => reply.code(isReady() ? 200 : 503).send({ ready: isReady() }));
  app.all("/socket.io/*", (_request, reply) =>
    reply.code(410).send({ error: "Socket.IO is gone: use satoshigle/client, or the RPCs of satoshigle.v1" }),
  );
  const prefix = settings.page.rpcPrefix;
  await app.register((scope) => rpcs(scope, services, guards, settings), { prefix });
  if (settings.openToTools) await app.register((scope) => reflection(scope, guards), { prefix });
  await app.register((scope) => pages(scope, settings.page));
  return app;
}

type RpcSettings = Pick<PublicSettings, "openToTools" | "heartbeatMs">;

async function rpcs(
  app: FastifyInstance,
  services: PublicServices,
  guards: Guards,
  { openToTools, heartbeatMs }: RpcSettings,
): Promise<void> {
  app.addHook("preHandler", async (request, { raw: response }) => {
    request.body = await collectBody(request.raw, bodyLimits);
    response.setTimeout(heartbeatMs + WRITE_MS, () => response.destroy());
  });
  await app.register(fastifyConnectPlugin, {
    routes: (router) => {
      publicRoutes(router, services, openToTools);
    },
    grpc: openToTools,
    interceptors: [...interceptors(app, guards), createValidateInterceptor()],
    contextValues: peerValues,
    readMaxBytes: limits.messageBytes,
    writeMaxBytes: limits.responseBytes,
    acceptCompression: [],
  });
}

/** Reflection streams both ways, so its requests are not collected first; it exists in development only. */
async function reflection(app: FastifyInstance, guards: Guards): Promise<void> {
  await app.register(fastifyConnectPlugin, {
    routes: (router) => {
      reflectionRoutes(router, [SignalService, MatchService]);
    },
    interceptors: interceptors(app, guards),
    contextValues: peerValues,
    readMaxBytes: limits.messageBytes,
    acceptCompression: [],
  });
}

function interceptors(app: FastifyInstance, guards: Guards): Interceptor[] {
  const onFault = (method: string, error: unknown) => {
    app.log.error({ method, err: error }, "call failed");
  };
  return [errorInterceptor(onFault), guardInterceptor(guards)];
}

function peerValues(request: FastifyRequest): ContextValues {
  return createContextValues().set(peerKey, { host: addressHost(request.ip), ownOrigin: ownOrigin(request) });
}

function ownOrigin(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`;
}
