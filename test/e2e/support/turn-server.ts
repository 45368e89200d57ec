import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Certificate } from "../../support/certificate.js";
import { freePort } from "../../support/ports.js";

/** The address of the relay: a loopback address that nothing else uses. */
export const RELAY_ADDRESS = "127.0.0.9";

interface TurnOptions {
  /** Serves TLS as well, on another port. */
  tls?: Certificate;
  /** Further flags of coturn. */
  flags?: string[];
}

/** A coturn server on a free port. */
export class TurnServer {
  readonly secret = "north";
  #child: ChildProcess | undefined;
  #output = "";

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly tlsPort: number,
    private readonly options: TurnOptions,
  ) {}

  static async start(options: TurnOptions = {}): Promise<TurnServer> {
    const folder = await mkdtemp(join(tmpdir(), "satoshigle-turn-"));
    const server = new TurnServer(folder, await freePort(), await freePort(), options);
    await server.#spawn();
    return server;
  }

  get url(): string {
    return `turn:${RELAY_ADDRESS}:${String(this.port)}?transport=udp`;
  }

  get tlsUrl(): string {
    return `turns:${RELAY_ADDRESS}:${String(this.tlsPort)}`;
  }

  /** The server's variables for this relay. */
  get variables(): Record<string, string> {
    return { TURN_URLS: this.url, TURN_SECRET: this.secret };
  }

  /** What it logged so far. */
  get output(): string {
    return this.#output;
  }

  /** Kills it, which forgets every allocation, and starts it again on the same port. */
  async restart(): Promise<void> {
    await this.#kill();
    await this.#spawn();
  }

  async close(): Promise<void> {
    await this.#kill();
    await rm(this.folder, { recursive: true });
  }

  async #kill(): Promise<void> {
    const child = this.#child;
    if (child?.exitCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }

  async #spawn(): Promise<void> {
    const { folder, port } = this;
    const { tls, flags = [] } = this.options;
    const listening = ["--listening-ip", RELAY_ADDRESS, "--listening-port", String(port), "--relay-ip", RELAY_ADDRESS];
    const isOpen = flags.includes("--no-auth");
    const auth = isOpen ? [] : ["--use-auth-secret", "--static-auth-secret", this.secret, "--realm", "satoshigle.test"];
    const secure =
      tls === undefined
        ? ["--no-tls"]
        : ["--tls-listening-port", String(this.tlsPort), "--cert", tls.certFile, "--pkey", tls.keyFile];
    const plain = [...secure, "--no-dtls", "--no-cli", "--log-file", "stdout", "--simple-log", "--verbose"];
    const files = ["--pidfile", join(folder, "pid"), "--userdb", join(folder, "db")];
    // -n: no configuration file; loopback peers are for tests only
    const fixed = ["-n", ...listening, ...auth, ...plain, ...files, "--fingerprint", "--allow-loopback-peers"];
    const child = spawn("turnserver", [...fixed, ...flags], {
      stdio: ["ignore", "pipe", "inherit"],
      cwd: folder,
    });
    this.#child = child;
    const before = this.#output.length;
    await new Promise<void>((resolve, reject) => {
      child.once("error", reject).once("exit", (code) => {
        reject(new Error(`coturn ended: ${String(code)} ${this.#output.slice(before)}`));
      });
      child.stdout.on("data", (chunk) => {
        this.#output += String(chunk);
        if (this.#output.includes("UDP listener opened on", before)) resolve();
      });
    });
  }
}
