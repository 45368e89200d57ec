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

/** What the server needs around it. */
interface Surroundings {
  folder: string;
  /** Its Redis; undefined when it keeps everything in its memory. */
  keyspace: Keyspace | undefined;
  /** What stands in front of its public listener. */
  proxy: Proxy | undefined;
}

/** A server in a process of its own, to be attacked, of the kind that this run attacks. */
export class Target {
  /** Fulfilled once the process is gone. */
  readonly #exit: Promise<unknown>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly around: Surroundings,
    /** Where people come in: HAProxy's port if it stands in front. */
    readonly port: number,
    /** Where operators come in, always directly. */
    readonly internalPort: number,
  ) {
    this.#exit = once(child, "exit");
  }

  /** @param watched whether it counts timers and table entries, which takes time */
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

  /** How many places in pools its searches have passed so far; none while the pools are in Redis. */
  places(): Promise<number> {
    return this.#ask("places") as Promise<number>;
  }

  /** Its Redis. @throws Error when the kind that is attacked has none */
  get keyspace(): Keyspace {
    if (this.around.keyspace !== undefined) return this.around.keyspace;
    throw new Error(`a target of the kind ${kind} has no Redis`);
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
    const died = this.#exit.then(() => Promise.reject(new Error("the server is gone")));
    this.child.send(what, () => undefined); // a process that is gone is reported by its exit
    const [told] = (await Promise.race([answer, died])) as [unknown];
    return told;
  }
}

/** How long HAProxy lets a client be silent, in milliseconds: two heartbeats of a stream, and never less than this. */
function proxySilenceMs({ HEARTBEAT_INTERVAL_MS = "15000" }: Record<string, string>): number {
  return Math.max(10_000, 2 * Number(HEARTBEAT_INTERVAL_MS));
}

/** What the server must know of its surroundings. */
function surroundingsFor(keyspace: Keyspace | undefined): Record<string, string> {
  if (kind === "haproxy") return { TRUST_PROXY: PROXY_ADDRESS, TLS_CERT_FILE: "", TLS_KEY_FILE: "" }; // it ends TLS
  if (keyspace === undefined) return {};
  return { REDIS_ENABLED: "true", REDIS_URL: keyspace.url, SESSION_SECRET: randomBytes(32).toString("hex") };
}

async function startServer(folder: string, variables: Record<string, string>, watched: boolean) {
  const mostPatient = { MAX_LOOP_DELAY_MS: "10000" }; // what else runs on the machine must turn nobody away
  const own = { PATH: process.env.PATH, NODE_ENV: "test", HOST: "127.0.0.1", DATA_DIR: folder, ...mostPatient };
  const child = fork(programNamed("subject"), watched ? ["watched"] : [], {
    execArgv: ["--expose-gc"],
    env: { ...own, ...variables },
  });
  const died = once(child, "exit").then(() => Promise.reject(new Error("the server did not start")));
  const [ports] = (await Promise.race([once(child, "message"), died])) as [{ port: number; internalPort: number }];
  return { child, ...ports };
}

/** Prints what an attack did, so that a run of the tests shows it. */
export function report(attack: string, figures: Record<string, number | string>): void {
  const told = Object.entries(figures).map(
    ([name, value]) => `${name} ${typeof value === "number" ? round(value) : value}`,
  );
  console.log(`[${kind}] ${attack}: ${told.join(", ")}`);
}

function round(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 2 : 0 });
}

export const MIB = 1024 * 1024;
