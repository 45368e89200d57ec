import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./ports.js";

/** Another process may take a free port before Redis listens on it; then another port is tried. */
const MAX_TRIES = 3;

/** A Redis server on a free loopback port, which can be stopped and restarted. */
export class RedisServer {
  #child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly flags: string[],
  ) {}

  /** Further flags such as `--appendonly yes`. */
  static async start(...flags: string[]): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), "satoshigle-redis-"));
    for (let tries = 1; ; tries++) {
      const server = new RedisServer(await freePort(), folder, flags);
      try {
        await server.start();
        return server;
      } catch (error) {
        if (tries === MAX_TRIES) throw error;
      }
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${String(this.port)}`;
  }

  async start(): Promise<void> {
    const own = ["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.folder, "--save", ""];
    const child = spawn("redis-server", [...own, ...this.flags], { stdio: ["ignore", "pipe", "inherit"] });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      child.once("error", reject).once("exit", (code) => reject(new Error(`redis-server ended with ${String(code)}`)));
      child.stdout.on("data", (chunk) => {
        if (String(chunk).includes("Ready to accept connections")) resolve();
      });
    });
  }

  /** Sends a signal that does not end the process, such as SIGSTOP. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async stop(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child?.exitCode !== null) return;
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
    this.#child = undefined;
  }

  /** Deletes its data while it is stopped. */
  async forget(): Promise<void> {
    await rm(join(this.folder, "appendonlydir"), { recursive: true, force: true });
  }

  /** Sets whether a dump can be written; a folder in its place prevents it. */
  async allowDumps(allowed: boolean): Promise<void> {
    const path = join(this.folder, "dump.rdb");
    await rm(path, { recursive: true, force: true });
    if (!allowed) await mkdir(path);
  }

  /** The names of its files, such as its dump, that contain something. */
  async filesWith(content: string | Buffer): Promise<string[]> {
    const entries = await readdir(this.folder, { withFileTypes: true, recursive: true });
    const files = entries.filter((entry) => entry.isFile());
    const contents = await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name))));
    return files.filter((_, index) => contents[index]?.includes(content)).map(({ name }) => name);
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true });
  }
}
