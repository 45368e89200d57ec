import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { createLogger } from "../../src/adapters/pino/logger.js";
import { compose, type Server } from "../../src/compose.js";
import { loadConfig } from "../../src/config.js";
import type { LightningNode } from "../../src/ports/lightning-node.js";
import { refusePrivate } from "./private.js";

export interface TestServer {
  /** Such as `http://127.0.0.1:40123`. */
  url: string;
  port: number;
  /** Port of the internal listener. */
  internalUrl: string;
  internalPort: number;
  server: Server;
  /** What it logged so far. */
  readonly log: string;
  close(): Promise<void>;
}

/** Collects the log of a server, and prints its errors. */
class Log {
  text = "";

  constructor(private readonly level: string) {}

  write(line: string): void {
    this.text += line;
    const { level } = JSON.parse(line) as { level: number };
    if (level >= (pino.levels.values[this.level] ?? Infinity)) process.stdout.write(line);
  }
}

/** Starts the whole server in this process, on a free loopback port. When it closes, its log is checked. */
export async function startServer(variables: Record<string, string> = {}, node?: LightningNode): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-test-"));
  const config = loadConfig({
    NODE_ENV: "test",
    HOST: "127.0.0.1",
    PORT: "0",
    INTERNAL_PORT: "0",
    DATA_DIR: folder,
    DRAIN_TIMEOUT_MS: "0",
    LOG_LEVEL: "error",
    MAX_LOOP_DELAY_MS: "10000", // the load of other tests must not cause refusals
    CHALLENGE: "off", // tests open many sessions from one address
    FAST_PATH: process.env.FAST_PATH ?? "true",
    ...variables,
  });
  const log = new Log(config.LOG_LEVEL);
  const server = await compose(config, createLogger({ level: "trace" }, log), node);
  await server.public.listen({ host: config.HOST, port: config.PORT });
  await server.internal.listen({ host: config.INTERNAL_HOST, port: config.INTERNAL_PORT });
  const { port } = server.public.server.address() as AddressInfo;
  const { port: internalPort } = server.internal.server.address() as AddressInfo;
  const scheme = config.TLS_CERT_FILE === "" ? "http" : "https";
  const close = async () => {
    await server.close();
    await rm(folder, { recursive: true });
    refusePrivate(log.text);
  };
  const internalScheme = config.INTERNAL_TLS_CERT_FILE === "" ? "http" : "https";
  const internalUrl = `${internalScheme}://127.0.0.1:${String(internalPort)}`;
  const url = `${scheme}://127.0.0.1:${String(port)}`;
  return {
    ...{ url, port, internalUrl, internalPort, server, close },
    get log() {
      return log.text;
    },
  };
}
