import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Server } from "./compose.js";
import type { Config } from "./config.js";
import { withoutCredentials } from "./config/redact.js";
import { isLoopback } from "./core/address.js";
import { VERSION } from "./version.js";

type Listeners = Pick<Server, "public" | "internal">;

/** What runs, in one line: version, mode, store and URLs. */
export function describeStart(server: Listeners, config: Config): string {
  const url = urlOf(server.public, config.HOST, config.TLS_CERT_FILE !== "");
  const internalUrl = urlOf(server.internal, config.INTERNAL_HOST, config.INTERNAL_TLS_CERT_FILE !== "");
  const isProduction = config.NODE_ENV === "production";
  return [
    `Satoshigle is up: ${isProduction ? `serving ${url}` : `open ${url} in two tabs`}`,
    `version ${VERSION}, ${config.NODE_ENV}`,
    `for pages of ${[...config.CLIENT_URL, ...config.CLIENT_IP_URL].join(", ")}`,
    `internal services on ${internalUrl}`,
    describeStore(config),
  ].join("; ");
}

/** Where the state is, without credentials. */
function describeStore({ REDIS_ENABLED, REDIS_URL, REALM, DATA_DIR }: Config): string {
  if (!REDIS_ENABLED) return `sessions in memory, records in ${resolve(DATA_DIR)}`;
  const kind = REDIS_URL.length > 1 ? "the Redis Cluster" : "Redis";
  return `all state in ${kind} at ${REDIS_URL.map((url) => withoutCredentials(url)).join(", ")}, realm ${REALM}`;
}

/** The URL of a listener as seen from this machine. */
function urlOf({ server }: FastifyInstance, host: string, isSecure: boolean): string {
  const { port } = server.address() as AddressInfo;
  const isLocal = isLoopback(host) || host === "0.0.0.0" || host === "::";
  const name = isLocal ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `${isSecure ? "https" : "http"}://${name}:${String(port)}`;
}

const REASONS: Record<string, string> = {
  EADDRINUSE: "another process uses the port",
  EACCES: "this process may not use the port; ports below 1024 need CAP_NET_BIND_SERVICE",
  EADDRNOTAVAIL: "this machine does not have the address",
  ENOTFOUND: "the name has no address",
};

/** Why a listener could not be opened, with the variables that say where. */
export function explainListenError(error: unknown, server: Listeners, config: Config): string {
  const [host, port, names] = server.public.server.listening
    ? [config.INTERNAL_HOST, config.INTERNAL_PORT, "INTERNAL_HOST, INTERNAL_PORT"]
    : [config.HOST, config.PORT, "HOST, PORT"];
  const { code = "", message } = error as NodeJS.ErrnoException;
  return `cannot listen on ${host}:${String(port)} (${names}): ${REASONS[code] ?? message}`;
}
