import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../support/ports.js";

/** The address of the relay: a loopback address that nothing else uses. */
export const RELAY_ADDRESS = "127.0.0.9";

/** A coturn server on a free port. */
export class TurnServer {
  readonly secret = "north";

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static async start(): Promise<TurnServer> {
    const folder = await mkdtemp(join(tmpdir(), "satoshigle-turn-"));
    const port = await freePort();
    const listening = ["--listening-ip", RELAY_ADDRESS, "--listening-port", String(port), "--relay-ip", RELAY_ADDRESS];
    const auth = ["--use-auth-secret", "--static-auth-secret", "north", "--realm", "satoshigle.test"];
    const plain = ["--no-tls", "--no-dtls", "--no-cli", "--log-file", "stdout", "--simple-log", "--verbose"];
    const files = ["--pidfile", join(folder, "pid"), "--userdb", join(folder, "db")];
    // -n: no configuration file; loopback peers are for tests only
    const args = ["-n", ...listening, ...auth, ...plain, ...files, "--fingerprint", "--allow-loopback-peers"];
    const child = spawn("turnserver", args, { stdio: ["ignore", "pipe", "inherit"], cwd: folder });
    await new Promise<void>((resolve, reject) => {
      let printed = "";
      child.once("error", reject).once("exit", (code) => reject(new Error(`coturn ended: ${String(code)} ${printed}`)));
      child.stdout.on("data", (chunk) => {
        printed += String(chunk);
        if (printed.includes("UDP listener opened on")) resolve();
      });
    });
    return new TurnServer(child, folder, port);
  }

  get url(): string {
    return `turn:${RELAY_ADDRESS}:${String(this.port)}?transport=udp`;
  }

  /** The server's variables for this relay. */
  get variables(): Record<string, string> {
    return { TURN_URLS: this.url, TURN_SECRET: this.secret };
  }

  async close(): Promise<void> {
    const exit = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await exit;
    await rm(this.folder, { recursive: true });
  }
}
