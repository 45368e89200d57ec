import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../support/ports.js";

/** HAProxy in front of a fleet. Each call goes to the next instance in turn. */
export class LoadBalancer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly url: string,
  ) {}

  /** @param maxConnections of clients, each of which takes two descriptors */
  static async start(targets: string[], maxConnections = 4_000): Promise<LoadBalancer> {
    const folder = await mkdtemp(join(tmpdir(), "satoshigle-front-"));
    const port = await freePort();
    const file = join(folder, "haproxy.cfg");
    await writeFile(file, configuration(port, targets, maxConnections));
    const child = spawn("haproxy", ["-db", "-f", file], { stdio: "ignore" });
    const balancer = new LoadBalancer(child, folder, `http://127.0.0.1:${String(port)}`);
    for (let attempt = 0; ; attempt++) {
      const answer = await fetch(`${balancer.url}/healthz`).catch(() => undefined);
      if (answer?.ok) return balancer;
      if (attempt > 100 || child.exitCode !== null) {
        await balancer.close();
        throw new Error("haproxy did not start");
      }
      await sleep(50);
    }
  }

  async close(): Promise<void> {
    if (this.child.exitCode === null && this.child.kill("SIGKILL")) await once(this.child, "exit");
    await rm(this.folder, { recursive: true });
  }
}

/** Balances requests round-robin over the instances that are ready. */
function configuration(port: number, targets: string[], maxConnections: number): string {
  const servers = targets.map(
    (url, index) => `  server s${String(index)} 127.0.0.1:${new URL(url).port} check inter 200`,
  );
  return [
    "global",
    `  maxconn ${String(maxConnections)}`,
    "defaults",
    "  mode http",
    "  timeout connect 1s",
    "  timeout check 3s",
    "  timeout client 60s",
    "  timeout server 60s",
    "  option http-keep-alive",
    "  option http-no-delay",
    "  option redispatch 1",
    "  retries 2",
    "frontend people",
    `  bind 127.0.0.1:${String(port)}`,
    "  default_backend instances",
    "backend instances",
    "  balance roundrobin",
    "  option httpchk GET /readyz",
    ...servers,
    "",
  ].join("\n");
}
