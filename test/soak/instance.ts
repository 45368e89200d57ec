import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { SoakRecord } from "./record.js";

/** The state of a process right after a garbage collection. */
export interface Look {
  heapBytes: number;
  rssBytes: number;
  /** Event loop delay since the last look, in milliseconds, without the pause of the look. */
  loopP99Ms: number;
  loopMaxMs: number;
  /** Open TCP connections. */
  sockets: number;
}

/** Preloaded into an instance: answers questions about it. */
const inside = `
  import { monitorEventLoopDelay } from "node:perf_hooks";
  import { queryObjects } from "node:v8";
  const Timer = setTimeout(() => undefined, 0).constructor;
  const loop = monitorEventLoopDelay({ resolution: 5 });
  loop.enable();
  const look = () => {
    const [loopP99Ms, loopMaxMs] = [loop.percentile(99) / 1e6, loop.max / 1e6];
    globalThis.gc();
    setImmediate(() => loop.reset());
    const { heapUsed: heapBytes, rss: rssBytes } = process.memoryUsage();
    const sockets = process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
    return { heapBytes, rssBytes, loopP99Ms, loopMaxMs, sockets };
  };
  const timers = () => queryObjects(Timer, { format: "count" }); // blocks the process
  process.on("message", (question) => process.send(question === "look" ? look() : timers()));
  process.on("disconnect", () => process.exit());
`;

const MAIN = fileURLToPath(new URL("../../dist/server/main.js", import.meta.url));
const FLAGS = [
  "--expose-gc",
  "--enable-source-maps",
  "--no-warnings",
  "--import",
  `data:text/javascript,${encodeURIComponent(inside)}`,
];

/** An instance of the built server, which can be killed and started again on the same ports. */
export class Instance {
  #child: ChildProcess | undefined;
  #isKilled = false;

  constructor(
    readonly name: string,
    private readonly variables: Record<string, string>,
    private readonly record: SoakRecord,
  ) {}

  /** Starts it, and waits until it listens. */
  async start(): Promise<void> {
    this.#isKilled = false;
    const child = spawn(process.execPath, [...FLAGS, MAIN], {
      env: { PATH: process.env.PATH, ...this.variables },
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    });
    this.#child = child;
    child.once("exit", (code) => {
      if (!this.#isKilled) this.record.problem(`an instance ended with ${String(code)}`);
    });
    await new Promise<void>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`the instance ended with ${String(code)} instead of starting`)));
      let rest = "";
      child.stdout?.on("data", (chunk) => {
        const lines = (rest + String(chunk)).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          this.#noteErrors(line);
          if (line.includes("Satoshigle is up")) resolve();
        }
      });
    });
  }

  look(): Promise<Look> {
    return this.#ask("look");
  }

  /** The number of timers that something refers to. Blocks the process, for seconds if its heap is large. */
  timers(): Promise<number> {
    return this.#ask("timers");
  }

  async kill(): Promise<void> {
    this.#isKilled = true;
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }

  /** One question at a time. */
  async #ask<Answer>(question: string): Promise<Answer> {
    if (this.#child === undefined) throw new Error(`${this.name} does not run`);
    const answer = once(this.#child, "message");
    this.#child.send(question);
    const [reply] = (await answer) as [Answer];
    return reply;
  }

  #noteErrors(line: string): void {
    if (!/"level":[56]0/.test(line)) return;
    const { msg } = JSON.parse(line) as { msg?: string };
    this.record.error(`logged: ${msg ?? line.slice(0, 100)}`);
    process.stderr.write(`${this.name}: ${line}\n`);
  }
}
