import { type ChildProcess, fork } from "node:child_process";
import type { Server } from "node:net";
import type { Writable } from "node:stream";
import { hasPipe, lineOf } from "./ask-pipe.js";
import { nameOf } from "./commit-queue.js";
import { scriptNamed } from "./own-process.js";
import {
  type Answer,
  type ChildMessage,
  type Opening,
  type Order,
  type PortName,
  unpackError,
} from "./store-messages.js";
import { refusal } from "./trouble.js";

/** Timeout after which the process is killed, in milliseconds: it may hang on a damaged page. */
const ANSWER_MS = 60_000;
/** Max pending requests. */
const MAX_PENDING = 10_000;

interface Pending {
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
  askedMs: number;
}

/** How a process exited. */
export interface End {
  /** Its signal, its exit code, or why it could not be started. */
  code: string;
  /** Code of the failed transaction that made it exit, if any. */
  broken: string | undefined;
}

/** The parent's side of a child process that holds the databases of a folder. */
export class StoreLink {
  /** Resolves to undefined when the databases are open, or to the code of the failure. */
  readonly opened: Promise<string | undefined>;
  readonly ended: Promise<End>;
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  /** Carries requests that are not urgent; undefined on Bun. */
  readonly #pipe: Writable | undefined;
  #lastId = 0;
  #watch: NodeJS.Timeout | undefined;
  #broken: string | undefined;
  #onOpened: (failure: string | undefined) => void = () => undefined;

  /**
   * @param claim the socket of the folder
   * @param onTrouble called with the code of a problem, or with undefined if there is none
   * @throws system error
   */
  constructor(
    opening: Opening,
    claim: Server | undefined,
    private readonly onTrouble: (code: string | undefined) => void,
  ) {
    this.opened = new Promise((resolve) => {
      this.#onOpened = resolve;
    });
    const { path, execArgv, env } = scriptNamed("store-child");
    const stdio = ["ignore", "ignore", "inherit", "ipc", hasPipe ? "pipe" : "ignore"] as const;
    this.#child = fork(path, { execArgv, env, stdio: [...stdio], serialization: "advanced" });
    this.#pipe = (this.#child.stdio[4] as Writable | null)?.on("error", () => undefined);
    this.ended = endOf(this.#child).then((code) => this.#end(code));
    this.#child.on("message", (message: ChildMessage) => {
      this.#receive(message);
    });
    this.#send({ type: "open", ...opening }, claim);
  }

  /** Runs a verb of a port in the child process. @throws DomainError if its outcome is unknown */
  ask(port: PortName, verb: string, args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#pending.size >= MAX_PENDING) throw refusal("EBUSY");
      const ask = { id: ++this.#lastId, port, verb, args };
      if (this.#pipe !== undefined && mayWait(port, verb)) this.#pipe.write(lineOf(ask));
      else this.#send({ type: "ask", ...ask });
      this.#pending.set(ask.id, { resolve, reject, askedMs: performance.now() });
      this.#watch ??= this.#watchFor(ANSWER_MS);
    });
  }

  /** Closes the databases. Resolves after pending requests were answered and the process has exited. */
  async close(): Promise<void> {
    this.#pipe?.end();
    this.#send({ type: "close" });
    await this.ended;
  }

  /** Ignores failures to send: they occur only when the process exits, which rejects all requests. */
  #send(order: Order, claim?: Server): void {
    this.#child.send(order, claim, undefined, () => undefined);
  }

  #receive(message: ChildMessage): void {
    if (message.type === "opened") {
      this.onTrouble(message.trouble);
      this.#onOpened(undefined);
    } else if (message.type === "trouble") this.onTrouble(message.code);
    else if (message.type === "failed") this.#onOpened(message.code);
    else if (message.type === "broken") this.#broken = message.code;
    else if (message.type === "answers") for (const answer of message.answers) this.#settle(answer);
  }

  #settle(answer: Answer): void {
    const pending = this.#take(answer.id);
    if ("error" in answer) pending?.reject(unpackError(answer.error));
    else pending?.resolve(answer.result);
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#stopWatch();
    return pending;
  }

  #stopWatch(): void {
    clearTimeout(this.#watch);
    this.#watch = undefined;
  }

  /** Kills the process when the oldest request times out. One timer for all requests: a timer for each is expensive. */
  #watchFor(delayMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      const [oldest] = this.#pending.values();
      const leftMs = (oldest?.askedMs ?? performance.now()) + ANSWER_MS - performance.now();
      if (leftMs <= 0) this.#child.kill("SIGKILL");
      else this.#watch = this.#watchFor(leftMs);
    }, delayMs).unref();
  }

  #end(code: string): End {
    this.#onOpened(code);
    this.#stopWatch();
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(refusal(this.#broken ?? code));
    return { code, broken: this.#broken };
  }
}

/** Whether a request is not urgent: events are frequent, and no caller waits for them to be stored. */
function mayWait(port: PortName, verb: string): boolean {
  return port === "events" && verb === "append";
}

/** Resolves when a process has exited and all its messages have arrived. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let code: string | undefined;
    let isConnected = true;
    const settle = () => {
      if (code !== undefined && !isConnected) resolve(code);
    };
    child.once("disconnect", () => {
      isConnected = false;
      settle();
    });
    child.once("exit", (exitCode, signal) => {
      code = signal ?? `exit code ${String(exitCode)}`;
      settle();
    });
    child.once("error", (error) => {
      code ??= nameOf(error);
      settle();
    });
  });
}
