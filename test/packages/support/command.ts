import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A long-running command with its children in a separate process group. */
export class Command {
  output = "";
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;

  constructor(folder: string, variables: Record<string, string>, ...words: string[]) {
    const [command = "", ...args] = words;
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...variables };
    this.#child = spawn(command, args, { cwd: folder, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk) => (this.output += String(chunk)));
    }
    this.#closed = once(this.#child, "close");
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("the command did not start");
    return this.#child.pid;
  }

  /** The URL in the server's start line. */
  async url(): Promise<string> {
    const [, port = ""] = await this.prints(/open http:\/\/localhost:(\d+)/);
    return `http://127.0.0.1:${port}`;
  }

  /** Waits until the output contains something. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    const gone = this.#closed.then(() => {
      throw new Error(`the command ended: ${this.output}`);
    });
    for (;;) {
      const found = pattern.exec(this.output);
      if (found) return found;
      if (this.#child.stdout) await Promise.race([once(this.#child.stdout, "data"), gone]);
    }
  }

  /** Sends a signal to the command, not to its children. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves when the command and all children that share its output have exited. */
  async gone(): Promise<void> {
    await this.#closed;
  }

  /** Ends the command and its children. */
  async kill(): Promise<void> {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // all of them have exited
    }
    await this.#closed;
  }
}
