import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { join } from "node:path";
import { vi } from "vitest";
import { type Certificate, makeCertificate } from "../../support/certificate.js";
import { freePort } from "../../support/ports.js";

export type ProxyName = "haproxy" | "nginx" | "caddy";

/** How each is started in the foreground, given its configuration. */
const commands: Record<ProxyName, (file: string, folder: string) => [command: string, ...args: string[]]> = {
  haproxy: (file) => ["haproxy", "-db", "-f", file],
  nginx: (file, folder) => ["nginx", "-p", folder, "-c", file, "-e", join(folder, "error.log")],
  caddy: (file) => ["caddy", "run", "--adapter", "caddyfile", "--config", file],
};

/** What a configuration needs around what an operator writes, to run beside others without any privileges. */
const surroundings: Record<ProxyName, (site: string, folder: string) => string> = {
  haproxy: (site) => `global\n  maxconn 4000\n${site}`,
  nginx: (site, folder) => {
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `  ${name}_temp_path ${folder}/${name};`,
    );
    const http = ["  access_log off;", ...temporary, site].join("\n");
    return `daemon off;\nuser root;\npid ${folder}/nginx.pid;\nevents { worker_connections 4000; }\nhttp {\n${http}\n}\n`;
  },
  caddy: (site) => `{\n  admin off\n  auto_https disable_redirects\n}\n${site}`,
};

const fences: Record<ProxyName, string> = { haproxy: "haproxy", nginx: "nginx", caddy: "caddyfile" };

/** The configuration that the documentation recommends, for these ports and files. */
export async function documented(name: ProxyName, port: number, targets: string[], tls: Certificate): Promise<string> {
  const page = await readFile(new URL("../../../docs/scaling.md", import.meta.url), "utf8");
  const [, block] = new RegExp(`^\`\`\`${fences[name]}\\n(.*?)^\`\`\`$`, "ms").exec(page) ?? [];
  if (block === undefined) throw new Error(`docs/scaling.md has no configuration of ${name}`);
  const [first = "", second = first] = targets.map((url) => new URL(url).port);
  const replacements: [was: string, is: string][] = [
    ["chat.example.com", `https://localhost:${String(port)}`],
    ["bind :443", `bind 127.0.0.1:${String(port)}`],
    ["listen 443", `listen 127.0.0.1:${String(port)}`],
    ["/etc/ssl/chat.pem", join(tls.folder, "both.pem")],
    ["/etc/ssl/chat.crt", tls.certFile],
    ["/etc/ssl/chat.key", tls.keyFile],
    ["127.0.0.1:3001", `127.0.0.1:${first}`],
    ["127.0.0.1:3011", `127.0.0.1:${second}`],
  ];
  return replacements.reduce((text, [was, is]) => text.replaceAll(was, is), block);
}

/** A real reverse proxy with TLS or without. */
export class ReverseProxy {
  private constructor(
    private readonly child: ChildProcess,
    private readonly tls: Certificate,
    readonly port: number,
  ) {}

  /** @param configure makes the configuration, as an operator writes it */
  static async start(
    name: ProxyName,
    configure: (port: number, tls: Certificate) => Promise<string> | string,
    port?: number,
  ): Promise<ReverseProxy> {
    return ReverseProxy.#start(name, configure, port ?? (await freePort()));
  }

  static async #start(
    name: ProxyName,
    configure: (port: number, tls: Certificate) => Promise<string> | string,
    port: number,
  ): Promise<ReverseProxy> {
    const tls = await makeCertificate();
    const file = join(tls.folder, `${name}.conf`);
    await writeFile(join(tls.folder, "both.pem"), `${tls.ca}\n${tls.key}`, { mode: 0o600 });
    await writeFile(file, surroundings[name](await configure(port, tls), tls.folder));
    const [command, ...args] = commands[name](file, tls.folder);
    const env = { PATH: process.env.PATH, HOME: tls.folder };
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"], env });
    let said = "";
    child.stderr.on("data", (chunk) => (said += String(chunk)));
    const proxy = new ReverseProxy(child, tls, port);
    const isThere = async () => {
      if (child.exitCode !== null) throw new Error(`${name} ended: ${said}`);
      const socket = net.connect(port, "127.0.0.1");
      await once(socket, "connect");
      socket.destroy();
    };
    await vi.waitFor(isThere, { timeout: 20_000, interval: 50 }).catch(async (error: unknown) => {
      await proxy.close();
      throw error;
    });
    return proxy;
  }

  get secureUrl(): string {
    return `https://localhost:${String(this.port)}`;
  }

  get url(): string {
    return `http://localhost:${String(this.port)}`;
  }

  async close(): Promise<void> {
    // nginx has workers, which end with it when it is asked to.
    if (this.child.exitCode === null && this.child.kill("SIGTERM")) await once(this.child, "exit");
    await rm(this.tls.folder, { recursive: true });
  }
}
