import { BACKLOG } from "./backlog.js";
import type { Config } from "./config.js";
import type { Server } from "./compose.js";

/** Opens both listeners at the configured addresses. Returns the URL of the public one, as seen from this machine. */
export async function listen(server: Pick<Server, "public" | "internal">, config: Config): Promise<string> {
  await server.public.listen({
    host: config.HOST,
    port: config.PORT,
    backlog: BACKLOG,
    listenTextResolver: (address) => `listening on ${address}`,
  });
  await server.internal.listen({
    host: config.INTERNAL_HOST,
    port: config.INTERNAL_PORT,
    backlog: BACKLOG,
    listenTextResolver: (address) => `internal services on ${address}`,
  });
  const address = server.public.server.address();
  const port = typeof address === "object" && address !== null ? address.port : config.PORT;
  const scheme = config.TLS_CERT_FILE === "" ? "http" : "https";
  return `${scheme}://localhost:${String(port)}`;
}
