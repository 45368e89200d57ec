import type { DescMessage, DescMethod, DescService, Message } from "@bufbuild/protobuf";
import type { ConnectRouter, Interceptor } from "@connectrpc/connect";
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import { fastify, type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import { limits } from "../core/limits.js";
import { deadlineInterceptor } from "./deadline.js";
import { createErrorMap } from "./errors.js";
import { addIntake, Intake, readBodies } from "./intake.js";
import { guardInternal } from "./internal-guard.js";
import { type Exposition, internalPages } from "./internal-pages.js";
import { reflectionRoutes } from "./reflection.js";
import { errorInterceptor } from "./routes.js";
import { createServer, type ServerSettings } from "./server.js";
import { validate } from "./validate.js";

export interface InternalService {
  desc: DescService;
  addTo(router: ConnectRouter): void;
  /** Unary methods that may take longer than others. */
  unhurried?: readonly DescMethod[];
}

interface Parts {
  services: readonly InternalService[];
  metrics: Exposition;
  logger: FastifyBaseLogger;
  settings: InternalSettings;
}

export interface InternalSettings {
  server: ServerSettings;
  /** Whether only this machine reaches it, so that any other name in a request is a page's trick. */
  loopbackOnly: boolean;
}

/** How long what was written for a client may stay unread, in milliseconds, before the client is cut off. */
const WRITE_MS = 20_000;

/** The listener that operators, monitoring and other services reach: gRPC first, Connect too, with reflection. */
export async function internalListener({ services, metrics, logger, settings }: Parts): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    serverFactory: (handler) => createServer(handler, settings.server),
    bodyLimit: limits.messageBytes,
    return503OnClosing: false,
  });
  guardInternal(app, settings.loopbackOnly);
  internalPages(app, metrics);
  const unhurried = services.flatMap((service) => service.unhurried ?? []);
  const mapError = createErrorMap((method, err) => {
    app.log.error({ method, err }, "internal call failed");
  });
  addIntake(app, new Intake(WRITE_MS, settings.server.isTrustedProxy), (path) => path.startsWith("/grpc.reflection."));
  readBodies(app);
  await app.register(fastifyConnectPlugin, {
    routes: (router) => {
      for (const service of services) service.addTo(router);
      reflectionRoutes(
        router,
        services.map(({ desc }) => desc),
      );
    },
    interceptors: [errorInterceptor(mapError), validateInterceptor, deadlineInterceptor(unhurried)],
    readMaxBytes: limits.messageBytes,
    acceptCompression: [],
  });
  return app;
}

/** Holds every request message against the rules its `.proto` states. */
const validateInterceptor: Interceptor = (next) => (request) => {
  const { input } = request.method;
  if (!request.stream) validate(input, request.message);
  return next(request.stream ? { ...request, message: validated(input, request.message) } : request);
};

async function* validated(desc: DescMessage, messages: AsyncIterable<Message>): AsyncIterable<Message> {
  for await (const message of messages) {
    validate(desc, message);
    yield message;
  }
}
