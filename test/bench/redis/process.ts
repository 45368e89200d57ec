import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Closer } from "./closing.js";

/** Timeout for a process to start or to answer on a busy machine, in milliseconds. */
const PATIENCE_MS = 20_000;

/**
 * Preloaded into the process: reports its CPU time and memory on request, and ends the process when this one
 * exits.
 */
const accountant = `
  const reports = {
    cpu: () => process.cpuUsage(),
    memory: () => (globalThis.gc?.(), process.memoryUsage()),
  };
  process.on("message", (question) => reports[question] && process.send(reports[question]()));
  process.on("disconnect", () => process.exit());
`;

/** How a process runs. */
export interface Placing {
  /** The core to which it is pinned; undefined for any. */
  core?: number | undefined;
  /** Flags of Node.js. */
  flags?: readonly string[];
}

/** A server in a separate process, whose CPU time is measured by the operating system. */
export class MeasuredProcess {
  private constructor(
    readonly port: number,
    private readonly child: ChildProcess,
  ) {}

  /** Starts Node.js with these arguments. The first address that it prints is the one to connect to. */
  static async start(
    args: readonly string[],
    variables: Record<string, string>,
    later: (closer: Closer) => void,
    { core, flags = [] }: Placing = {},
  ): Promise<MeasuredProcess> {
    const profiling = process.execArgv.filter((flag) => flag.startsWith("--cpu-prof")); // all or none
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

  /** Its memory, after a garbage collection if possible (`--expose-gc`). */
  memory(): Promise<NodeJS.MemoryUsage> {
    return this.ask<NodeJS.MemoryUsage>("memory");
  }

  /** Ends it as a crash does. */
  async crash(): Promise<void> {
    const exit = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await exit;
  }

  /** Kills it. */
  stop(): Promise<void> {
    return stop(this.child);
  }

  /** Asks the preloaded code. One question at a time. */
  async ask<Answer>(question: string): Promise<Answer> {
    const answer = once(this.child, "message", { signal: AbortSignal.timeout(PATIENCE_MS) });
    this.child.send(question);
    const [reply] = (await answer) as [Answer];
    return reply;
  }
}

/** Ends it gracefully, so that it can write its profile. */
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
    const timer = setTimeout(() => reject(new Error(`the server does not listen: ${printed}`)), PATIENCE_MS);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the server ended with ${String(code)}: ${printed}`)));
    child.stdout?.on("data", (chunk: Buffer) => {
      if (/"level":[456]0/.test(chunk.toString())) process.stderr.write(chunk); // shows warnings and errors
      printed = (printed + chunk.toString()).slice(-10_000);
      const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(printed)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
  });
}
