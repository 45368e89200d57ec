import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Certificate } from "../../support/certificate.js";
import { freePort } from "../../support/ports.js";

/** The address of the relay: loopback, and nobody else's. */
export const RELAY_ADDRESS = "127.0.0.9";

interface TurnOptions {
  /** Serves TLS as well, on a port of its own. */
  tls?: Certificate;
  /** Further flags of coturn. */
  flags?: string[];
}

/** A real coturn of its own, on a free port. */
export class TurnServer {
  readonly secret = "north";

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly port: number,
    private readonly tlsPort: number,
  ) {}

  static async start({ tls, flags = [] }: TurnOptions = {}): Promise<TurnServer> {
    const folder = await mkdtemp(join(tmpdir(), "satoshigle-turn-"));
    const [port, tlsPort] = [await freePort(), await freePort()];
    const listening = ["--listening-ip", RELAY_ADDRESS, "--listening-port", String(port), "--relay-ip", RELAY_ADDRESS];
    const isOpen = flags.includes("--no-auth");
    const auth = isOpen ? [] : ["--use-auth-secret", "--static-auth-secret", "north", "--realm", "satoshigle.test"];
    const secure =
      tls === undefined
        ? ["--no-tls"]
        : ["--tls-listening-port", String(tlsPort), "--cert", tls.certFile, "--pkey", tls.keyFile];
    const plain = [...secure, "--no-dtls", "--no-cli", "--log-file", "stdout", "--simple-log", "--verbose"];
    const files = ["--pidfile", join(folder, "pid"), "--userdb", join(folder, "db")];
    // -n: no configuration of the machine's own; peers on loopback are only for tests
    const args = ["-n", ...listening, ...auth, ...plain, ...files, "--fingerprint", "--allow-loopback-peers", ...flags];
    const child = spawn("turnserver", args, { stdio: ["ignore", "pipe", "inherit"], cwd: folder });
    await new Promise<void>((resolve, reject) => {
      let printed = "";
      child.once("error", reject).once("exit", (code) => reject(new Error(`coturn ended: ${String(code)} ${printed}`)));
      child.stdout.on("data", (chunk) => {
        printed += String(chunk);
        if (printed.includes("UDP listener opened on")) resolve();
      });
    });
    return new TurnServer(child, folder, port, tlsPort);
  }

  get url(): string {
    return `turn:${RELAY_ADDRESS}:${String(this.port)}?transport=udp`;
  }

  get tlsUrl(): string {
    return `turns:${RELAY_ADDRESS}:${String(this.tlsPort)}`;
  }

  /** What a server is told to use it. */
  get variables(): Record<string, string> {
    return { TURN_URLS: this.url, TURN_SECRET: this.secret };
  }

  async close(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exit = once(this.child, "exit");
      this.child.kill("SIGKILL");
      await exit;
    }
    await rm(this.folder, { recursive: true });
  }
}
