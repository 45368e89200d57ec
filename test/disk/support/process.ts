import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../support/ports.js";
import { refusePrivate } from "../../support/private.js";
import type { SmallDisk } from "./small-disk.js";

const main = fileURLToPath(new URL("../../../dist/server/main.js", import.meta.url));

/** A temporary folder for a test. */
export async function newFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), "satoshigle-folder-"));
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

interface Start {
  folder: string;
  variables?: Record<string, string>;
  /** A command in whose namespaces it runs, if not in those of this process. */
  disk?: SmallDisk;
  /** Its umask and user. */
  umask?: string;
  uid?: number;
}

/** The built server in a separate process. */
export class Running {
  #output = "";

  private constructor(
    readonly child: ChildProcess,
    readonly url: string,
    readonly internalPort: number,
    /** Its exit code, or the signal that ended it. */
    readonly ended: Promise<number | string>,
  ) {}

  /** Resolves when it listens or has exited. */
  static async start({ folder, variables, disk, umask = "0022", uid }: Start, ...args: string[]): Promise<Running> {
    const [port, internalPort] = [await freePort(), await freePort()];
    const env = {
      ...{
        PATH: process.env.PATH,
        NODE_ENV: "test",
        CHALLENGE: "off",
        HOST: "127.0.0.1",
        PORT: String(port),
        DATA_DIR: folder,
      },
      ...{ INTERNAL_PORT: String(internalPort), DRAIN_TIMEOUT_MS: "0", MAX_LOOP_DELAY_MS: "10000", ...variables },
    };
    const shell = ["sh", "-c", `umask ${umask}; exec "$0" "$@"`, process.execPath, main, ...args];
    const [command, rest] = disk?.command(...shell) ?? [shell[0] ?? "", shell.slice(1)];
    const child = spawn(command, rest, { env, cwd: tmpdir(), ...(uid !== undefined && { uid, gid: uid }) });
    const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | string);
    const running = new Running(child, `http://127.0.0.1:${String(port)}`, internalPort, ended);
    await running.#said("Satoshigle is up");
    return running;
  }

  /** Its output. */
  get output(): string {
    return this.#output;
  }

  /** The errors that it logged. */
  get errors(): string[] {
    return this.#output.split("\n").filter((line) => /^\{"level":[56]0/.test(line));
  }

  get isUp(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The current database process. */
  async storePid(): Promise<number> {
    const pid = String(this.child.pid);
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
    for (const child of children.trim().split(" ")) {
      const command = await readFile(`/proc/${child}/cmdline`, "utf8").catch(() => "");
      if (command.includes("store-child")) return Number(child);
    }
    throw new Error("there is no database process");
  }

  async readiness(): Promise<{ status: number; ready: boolean; troubles: string[] }> {
    const answer = await fetch(`${this.url}/readyz`);
    return { status: answer.status, ...((await answer.json()) as { ready: boolean; troubles: string[] }) };
  }

  async metric(name: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${String(this.internalPort)}/metrics`)).text();
    return Number(new RegExp(`^satoshigle_${name} (\\S+)$`, "m").exec(text)?.[1]);
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | string> {
    this.child.kill(signal);
    const ended = await this.ended;
    refusePrivate(this.#output);
    return ended;
  }

  async #said(words: string): Promise<void> {
    await new Promise<void>((resolve) => {
      const read = (chunk: Buffer) => {
        this.#output += String(chunk);
        if (this.#output.includes(words)) resolve();
      };
      this.child.stdout?.on("data", read);
      this.child.stderr?.on("data", read);
      void this.ended.then(() => {
        resolve();
      });
    });
  }
}
