import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import net from "node:net";
import { join } from "node:path";
import { vi } from "vitest";
import { freePort } from "../../support/ports.js";

/** The address from which the proxy connects. No attack uses it, so that trusting it does not trust attackers. */
export const PROXY_ADDRESS = "127.0.0.99";
export interface Behind {
  port: number;
  /** How long a client may not read, in milliseconds: longer than a heartbeat interval. */
  silenceMs: number;
  /** Certificate and key for clients; without them, cleartext. */
  tls: { certFile: string; keyFile: string } | undefined;
}

/** HAProxy in front of one server, with HTTP/1.1 and HTTP/2 on one port, each forwarded in its own version. */
export class Proxy {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  /** @param folder where its configuration is written */
  static async start(folder: string, behind: Behind): Promise<Proxy> {
    const port = await freePort();
    const pem = behind.tls === undefined ? undefined : await joined(folder, behind.tls);
    const file = join(folder, "haproxy.cfg");
    await writeFile(file, configuration(port, behind, pem));
    const child = spawn("haproxy", ["-db", "-q", "-f", file], { stdio: ["ignore", "ignore", "inherit"] });
    await vi.waitFor(() => connect(port), { timeout: 10_000, interval: 25 });
    return new Proxy(child, port);
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async close(): Promise<void> {
    if (this.isRunning && this.child.kill("SIGKILL")) await once(this.child, "exit");
  }
}

async function connect(port: number): Promise<void> {
  const socket = net.connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.destroy();
}

/** HAProxy reads certificate and key from one file. */
async function joined(folder: string, { certFile, keyFile }: NonNullable<Behind["tls"]>): Promise<string> {
  const file = join(folder, "haproxy.pem");
  const parts = await Promise.all([certFile, keyFile].map((one) => readFile(one, "utf8")));
  await writeFile(file, parts.join("\n"), { mode: 0o600 });
  return file;
}

/**
 * A configuration that limits attacks: that of the documentation, with timeouts for requests, and HTTP/2 to the server
 * for clients that use it, so that gRPC works.
 */
function configuration(port: number, { port: serverPort, silenceMs }: Behind, pem: string | undefined): string {
  const tls = pem === undefined ? "" : ` ssl crt ${pem} alpn h2,http/1.1`;
  const server = `server one 127.0.0.1:${String(serverPort)} source ${PROXY_ADDRESS}`;
  return [
    "global",
    "  maxconn 8000",
    "defaults",
    "  mode http",
    "  option http-no-delay", // otherwise each event is delayed by 200 ms to be combined with more
    "  option abortonclose", // otherwise the end of an HTTP/1.1 stream is noticed two heartbeats later
    "  timeout connect 2s",
    "  timeout http-request 5s",
    "  timeout http-keep-alive 10s",
    `  timeout client ${String(silenceMs)}ms`,
    "  timeout server 30s",
    "frontend public",
    `  bind 127.0.0.1:${String(port)}${tls}`,
    "  option forwardfor",
    "  use_backend h2 if { fc_http_major 2 }",
    "  default_backend h1",
    "backend h1",
    `  ${server}`,
    "backend h2",
    `  ${server} proto h2`,
    "",
  ].join("\n");
}
