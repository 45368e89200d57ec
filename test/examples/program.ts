import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { soon } from "../support/soon.js";

/** A program of `examples` in a separate process. */
export class Program {
  #output = "";

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.on("data", (chunk) => (this.#output += String(chunk)));
  }

  static start(name: string, ...args: string[]): Program {
    return Program.startWith({}, name, ...args);
  }

  /** Starts it with further variables. */
  static startWith(variables: Record<string, string>, name: string, ...args: string[]): Program {
    const file = fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
    const env = { ...process.env, ...variables };
    return new Program(
      spawn(process.execPath, ["--import", "tsx", file, ...args], { env, stdio: ["ignore", "pipe", "inherit"] }),
    );
  }

  get output(): string {
    return this.#output;
  }

  /** Waits until it has printed a matching line this many times. */
  printed(line: RegExp, times = 1): Promise<void> {
    return soon(() => {
      const count = this.#output.split("\n").filter((one) => line.test(one)).length;
      if (count < times) throw new Error(`${String(line)} was printed ${String(count)} times in:\n${this.#output}`);
    });
  }

  /** Kills it, like a crash. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await exit;
  }
}
