import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../support/ports.js";
import { refusePrivate } from "../../support/private.js";

/** The built server in its own process, which can be stopped, killed and restarted. */
export class ServerProcess {
  readonly url: string;
  #child: ChildProcess | undefined;
  #output = "";
  #before = "";

  private constructor(
    private readonly variables: Record<string, string>,
    /** The folder of its records. */
    readonly folder: string,
    private readonly program: string,
  ) {
    this.url = `http://localhost:${variables.PORT ?? ""}`;
  }

  /** @param program the runtime, if it is not that of the tests */
  static async start(variables: Record<string, string> = {}, program = process.execPath): Promise<ServerProcess> {
    const folder = await mkdtemp(join(tmpdir(), "satoshigle-e2e-"));
    const port = await freePort();
    const defaults = {
      NODE_ENV: "test",
      CHALLENGE: "off",
      HOST: "127.0.0.1",
      PORT: String(port),
      INTERNAL_PORT: "0",
      DATA_DIR: folder,
      LOG_LEVEL: "info",
      MAX_LOOP_DELAY_MS: "10000", // the load of other tests must not cause refusals
    };
    const server = new ServerProcess({ DRAIN_TIMEOUT_MS: "1000", ...defaults, ...variables }, folder, program);
    await server.start();
    return server;
  }

  /** Starts the process again, on the same port and with the same data. */
  async start(): Promise<void> {
    const env = { PATH: process.env.PATH, ...this.variables };
    const child = spawn(this.program, ["dist/server/main.js"], { env, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    this.#before += this.#output;
    this.#output = "";
    child.stderr.on("data", (chunk: Buffer) => {
      this.#output += String(chunk);
      process.stderr.write(chunk);
    });
    await new Promise<void>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`the server ended with ${String(code)} instead of starting`)));
      child.stdout.on("data", (chunk) => {
        this.#output += String(chunk);
        if (this.#output.includes("Satoshigle is up")) resolve();
      });
    });
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error("the server does not run");
    return this.#child.pid;
  }

  /** Its log since its last start. */
  get output(): string {
    return this.#output;
  }

  /** The output of all its processes. */
  get everything(): string {
    return this.#before + this.#output;
  }

  /** Whether the process is running. */
  get isAlive(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  /** Sends a signal that does not end the process, such as SIGSTOP. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Sends a signal and waits for the end; returns the exit code. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const child = this.#child;
    if (child?.exitCode !== null) return child?.exitCode ?? null;
    const exit = once(child, "exit");
    child.kill(signal);
    const [code] = (await exit) as [number | null];
    this.#child = undefined;
    return code;
  }

  async close(): Promise<void> {
    await this.stop("SIGKILL");
    await rm(this.folder, { recursive: true });
    refusePrivate(this.everything);
  }
}
