import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Closer } from "./closing.js";

/** How long a process may take to start or to answer, in milliseconds, on a busy machine. */
const PATIENCE_MS = 20_000;

/**
 * Runs in the process before its own code: tells its CPU time and its memory when asked, and ends the process when we
 * are gone.
 */
const accountant = `
  const tell = {
    cpu: () => process.cpuUsage(),
    memory: () => (globalThis.gc?.(), process.memoryUsage()),
  };
  process.on("message", (question) => tell[question] && process.send(tell[question]()));
  process.on("disconnect", () => process.exit());
`;

/** Where and how a process runs. */
export interface Placing {
  /** The only core it may use; undefined for any. */
  core?: number | undefined;
  /** Flags of Node.js. */
  flags?: readonly string[];
}

/** A server in a process of its own, whose CPU time the operating system counts. */
export class MeasuredProcess {
  private constructor(
    readonly port: number,
    private readonly child: ChildProcess,
  ) {}

  /** Starts Node.js with these arguments; the first address that it prints is where it listens. */
  static async start(
    args: readonly string[],
    variables: Record<string, string>,
    later: (closer: Closer) => void,
    { core, flags = [] }: Placing = {},
  ): Promise<MeasuredProcess> {
    const profiling = process.execArgv.filter((flag) => flag.startsWith("--cpu-prof")); // all of us or nobody
    const node = [
      process.execPath,
      ...profiling,
      ...flags,
      "--import",
      `data:text/javascript,${encodeURIComponent(accountant)}`,
      ...args,
    ];
    const [command = "", ...rest] = core === undefined ? node : ["taskset", "--cpu-list", String(core), ...node];
    const child = spawn(command, rest, {
      env: { PATH: process.env.PATH, ...variables },
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    });
    later(() => stop(child));
    return new MeasuredProcess(await listeningPort(child), child);
  }

  async cpuMicroseconds(): Promise<number> {
    const { user, system } = await this.ask<NodeJS.CpuUsage>("cpu");
    return user + system;
  }

  /** What it holds in memory, after a collection if it may collect (`--expose-gc`). */
  memory(): Promise<NodeJS.MemoryUsage> {
    return this.ask<NodeJS.MemoryUsage>("memory");
  }

  /** Ends it before its time. */
  stop(): Promise<void> {
    return stop(this.child);
  }

  /** Asks what was loaded into the process before its own code. One question at a time. */
  async ask<Answer>(question: string): Promise<Answer> {
    const answer = once(this.child, "message", { signal: AbortSignal.timeout(PATIENCE_MS) });
    this.child.send(question);
    const [told] = (await answer) as [Answer];
    return told;
  }
}

/** Ends it in its own time, in which it writes its profile, if it makes one. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  child.disconnect();
  await exit;
  clearTimeout(timer);
}

async function listeningPort(child: ChildProcess): Promise<number> {
  let printed = "";
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`nothing listens: ${printed}`)), PATIENCE_MS);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the server ended with ${String(code)}: ${printed}`)));
    child.stdout?.on("data", (chunk: Buffer) => {
      if (/"level":[456]0/.test(chunk.toString())) process.stderr.write(chunk); // a server in trouble says so
      printed = (printed + chunk.toString()).slice(-10_000);
      const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(printed)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
  });
}
