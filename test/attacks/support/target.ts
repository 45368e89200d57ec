import type { Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What the attacked process says about itself, after a garbage collection. */
export interface Figures {
  rss: number;
  heapUsed: number;
  external: number;
  /** Timers that run, those included that keep no process alive, by the place that set them; empty unless watched. */
  timers: Record<string, number>;
  /** Entries in the tables of the server's code, by the place that made them; empty unless watched. */
  tables: Record<string, number>;
  /** What keeps the process alive. */
  resources: string[];
  /** Errors that were logged, printed or caught by nobody. */
  troubles: string[];
  /** Requests over HTTP/2 that reached a handler. */
  handlers: number;
}

/** A server in a process of its own, to be attacked. */
export class Target {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly port: number,
    readonly internalPort: number,
  ) {}

  /** @param watched whether it counts timers and table entries, which takes time */
  static async start(variables: Record<string, string> = {}, watched = false): Promise<Target> {
    const folder = await mkdtemp(join(tmpdir(), "satoshigle-attack-"));
    const child = fork(fileURLToPath(new URL("subject.ts", import.meta.url)), watched ? ["watched"] : [], {
      execArgv: ["--import", "tsx", "--expose-gc"],
      env: { PATH: process.env.PATH, NODE_ENV: "test", HOST: "127.0.0.1", DATA_DIR: folder, ...variables },
    });
    const died = once(child, "exit").then(() => Promise.reject(new Error("the server did not start")));
    const [{ port, internalPort }] = (await Promise.race([once(child, "message"), died])) as [
      { port: number; internalPort: number },
    ];
    return new Target(child, folder, port, internalPort);
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  get internalUrl(): string {
    return `http://127.0.0.1:${String(this.internalPort)}`;
  }

  /** The way to it from an address of this machine, with a connection for each call, which ends with it. */
  transport(localAddress = "127.0.0.1"): Transport {
    return createConnectTransport({
      baseUrl: this.url,
      httpVersion: "1.1",
      nodeOptions: { localAddress, agent: false },
    });
  }

  figures(): Promise<Figures> {
    return this.#ask("figures") as Promise<Figures>;
  }

  /** The processor time it has used so far. */
  cpuMs(): Promise<number> {
    return this.#ask("cpu") as Promise<number>;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async close(): Promise<void> {
    const exit = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await exit;
    await rm(this.folder, { recursive: true });
  }

  async #ask(what: string): Promise<unknown> {
    const answer = once(this.child, "message");
    this.child.send(what);
    const [told] = (await answer) as [unknown];
    return told;
  }
}

/** Prints what an attack did, so that a run of the tests shows it. */
export function report(attack: string, figures: Record<string, number | string>): void {
  const told = Object.entries(figures).map(
    ([name, value]) => `${name} ${typeof value === "number" ? round(value) : value}`,
  );
  console.log(`${attack}: ${told.join(", ")}`);
}

function round(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 2 : 0 });
}

export const MIB = 1024 * 1024;
