import { Server as TlsServer } from "node:tls";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import type { Server } from "./compose.js";
import { type Config, ConfigError } from "./config.js";
import { settingsFrom } from "./settings.js";

type Listeners = Pick<Server, "public" | "internal">;

/**
 * Reads the configuration again and serves new connections with its certificates, over HTTP/1.1 and HTTP/2. Open
 * connections keep theirs. When a file cannot be used, all certificates stay as they are.
 * @param read reads the configuration
 */
export function reloadCertificates(server: Listeners, read: () => Config, logger: FastifyBaseLogger): void {
  try {
    const settings = settingsFrom(read());
    const changes = [
      change("public", server.public, settings.public.server.tls),
      change("internal", server.internal, settings.internal.server.tls),
    ].filter((one) => one !== undefined);
    for (const { apply } of changes) apply();
    const names = changes.map(({ name }) => name).join(" and ");
    if (names === "") logger.warn("no certificates were reloaded: no listener uses TLS");
    else logger.info(`certificates of the ${names} listener were reloaded`);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    logger.error(`certificates were not reloaded, and those in use stay:\n${error.message}`);
  }
}

/** How to give a listener its certificates; undefined when it has none. */
function change(
  name: string,
  { server }: FastifyInstance,
  tls: { cert: string; key: string; clientCa?: string | undefined } | undefined,
): { name: string; apply: () => void } | undefined {
  const listener: unknown = server;
  if (listener instanceof TlsServer !== (tls !== undefined)) {
    throw new ConfigError(`switching the ${name} listener between TLS and cleartext takes a restart`);
  }
  if (!(listener instanceof TlsServer) || tls === undefined) return undefined;
  const { cert, key, clientCa: ca } = tls;
  const apply = () => {
    listener.setSecureContext({ cert, key, ...(ca !== undefined && { ca }) });
  };
  return { name, apply };
}
