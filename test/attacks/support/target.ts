import type { Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programNamed } from "../../support/build.js";
import { Keyspace } from "./keyspace.js";
import { kind } from "./kind.js";
import { Proxy, PROXY_ADDRESS } from "./proxy.js";

/** The figures of the attacked process, after a garbage collection. */
export interface Figures {
  rss: number;
  heapUsed: number;
  external: number;
  /** Pending timers by module, including unreferenced ones; empty unless watched. */
  timers: Record<string, number>;
  /** Entries in the tables of the server's code by module; empty unless watched. */
  tables: Record<string, number>;
  /** The resources that keep the process alive. */
  resources: string[];
  /** Errors that were logged, printed or not caught. */
  troubles: string[];
  /** Requests over HTTP/2 that reached a handler. */
  handlers: number;
}

/** The processes around the server. */
interface Surroundings {
  folder: string;
  /** Its Redis; undefined if its state is in memory. */
  keyspace: Keyspace | undefined;
  /** The proxy in front of its public listener. */
  proxy: Proxy | undefined;
}

/** The attacked server in its own process, of the kind that this run attacks. */
export class Target {
  /** Resolves when the process has exited. */
  readonly #exit: Promise<unknown>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly around: Surroundings,
    /** The public port: HAProxy's if it is in front. */
    readonly port: number,
    /** The internal port, always direct. */
    readonly internalPort: number,
  ) {
    this.#exit = once(child, "exit");
  }

  /** @param watched whether to count timers and table entries, which takes time */
  static async start(variables: Record<string, string> = {}, watched = false): Promise<Target> {
    const folder = await mkdtemp(join(tmpdir(), "satoshigle-attack-"));
    const keyspace = kind === "redis" ? await Keyspace.start() : undefined;
    const { child, port, internalPort } = await startServer(
      folder,
      { ...variables, ...surroundingsFor(keyspace) },
      watched,
    );
    const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } = variables;
    const tls = certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile };
    const proxy =
      kind === "haproxy" ? await Proxy.start(folder, { port, tls, silenceMs: proxySilenceMs(variables) }) : undefined;
    return new Target(child, { folder, keyspace, proxy }, proxy?.port ?? port, internalPort);
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  get internalUrl(): string {
    return `http://127.0.0.1:${String(this.internalPort)}`;
  }

  /** A transport from an address of this machine, with a connection per call. */
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

  /** The CPU time it has used. */
  cpuMs(): Promise<number> {
    return this.#ask("cpu") as Promise<number>;
  }

  /** The queue entries that its searches have visited; none if the pools are in Redis. */
  places(): Promise<number> {
    return this.#ask("places") as Promise<number>;
  }

  /** Its Redis. @throws Error if the attacked kind has none */
  get keyspace(): Keyspace {
    if (this.around.keyspace !== undefined) return this.around.keyspace;
    throw new Error(`a target of kind ${kind} has no Redis`);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async close(): Promise<void> {
    const { folder, keyspace, proxy } = this.around;
    await proxy?.close();
    this.child.kill("SIGKILL");
    await this.#exit;
    await keyspace?.close();
    await rm(folder, { recursive: true });
  }

  async #ask(what: string): Promise<unknown> {
    const answer = once(this.child, "message");
    const died = this.#exit.then(() => Promise.reject(new Error("the server has exited")));
    this.child.send(what, () => undefined); // the end of the process is reported by its exit
    const [reply] = (await Promise.race([answer, died])) as [unknown];
    return reply;
  }
}

/** HAProxy's client timeout, in milliseconds: two heartbeat intervals, and at least this. */
function proxySilenceMs({ HEARTBEAT_INTERVAL_MS = "15000" }: Record<string, string>): number {
  return Math.max(10_000, 2 * Number(HEARTBEAT_INTERVAL_MS));
}

/** The server's variables for its surroundings. */
function surroundingsFor(keyspace: Keyspace | undefined): Record<string, string> {
  if (kind === "haproxy") return { TRUST_PROXY: PROXY_ADDRESS, TLS_CERT_FILE: "", TLS_KEY_FILE: "" }; // it ends TLS
  if (keyspace === undefined) return {};
  return { REDIS_ENABLED: "true", REDIS_URL: keyspace.url, SESSION_SECRET: randomBytes(32).toString("hex") };
}

async function startServer(folder: string, variables: Record<string, string>, watched: boolean) {
  const mostPatient = { MAX_LOOP_DELAY_MS: "10000", CHALLENGE: "off" }; // other limits must not end an attack before its own
  const own = { PATH: process.env.PATH, NODE_ENV: "test", HOST: "127.0.0.1", DATA_DIR: folder, ...mostPatient };
  const child = fork(programNamed("subject"), watched ? ["watched"] : [], {
    execArgv: ["--expose-gc", ...(watched ? ["--enable-source-maps"] : [])],
    env: { ...own, ...variables },
  });
  const died = once(child, "exit").then(() => Promise.reject(new Error("the server did not start")));
  const [ports] = (await Promise.race([once(child, "message"), died])) as [{ port: number; internalPort: number }];
  return { child, ...ports };
}

/** Prints the figures of an attack. */
export function report(attack: string, figures: Record<string, number | string>): void {
  const words = Object.entries(figures).map(
    ([name, value]) => `${name} ${typeof value === "number" ? round(value) : value}`,
  );
  console.log(`[${kind}] ${attack}: ${words.join(", ")}`);
}

function round(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 2 : 0 });
}

export const MIB = 1024 * 1024;
