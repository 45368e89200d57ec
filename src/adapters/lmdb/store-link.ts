import { type ChildProcess, fork } from "node:child_process";
import type { Server } from "node:net";
import { nameOf } from "./commit-queue.js";
import { scriptNamed } from "./own-process.js";
import { type News, type Opening, type Order, type PortName, unpackError } from "./store-messages.js";
import { refusal } from "./trouble.js";

/** After how long without an answer the process is ended, in milliseconds: it does not come back from a damaged page. */
const ANSWER_MS = 60_000;
/** How many questions may wait for their answers. */
const MAX_ASKED = 10_000;

interface Asked {
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
  patience: NodeJS.Timeout;
}

/** How a process ended. */
export interface End {
  /** Its signal, its exit code or why it could not be started. */
  code: string;
  /** The code of the failed transaction that it ended for, if it did so. */
  broken: string | undefined;
}

/** A process that holds the databases of a folder, from its start to its end. */
export class StoreLink {
  /** Resolves when it serves, or to why it does not. */
  readonly opened: Promise<string | undefined>;
  readonly ended: Promise<End>;
  readonly #child: ChildProcess;
  readonly #asked = new Map<number, Asked>();
  #lastId = 0;
  #broken: string | undefined;
  #onOpened: (failure: string | undefined) => void = () => undefined;

  /**
   * @param claim the socket of the folder
   * @param onTrouble told of the code of its trouble, or of undefined when there is none
   * @throws Error of the system
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
    const stdio = ["ignore", "ignore", "inherit", "ipc"] as const;
    this.#child = fork(path, { execArgv, env, stdio: [...stdio], serialization: "advanced" });
    this.ended = endOf(this.#child).then((code) => this.#end(code));
    this.#child.on("message", (news: News) => {
      this.#receive(news);
    });
    this.#send({ type: "open", ...opening }, claim);
  }

  /** Has a verb of a port carried out. @throws DomainError when nobody can say whether it was */
  ask(port: PortName, verb: string, args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#asked.size >= MAX_ASKED) throw refusal("EBUSY");
      const id = ++this.#lastId;
      this.#send({ type: "ask", id, port, verb, args });
      const patience = setTimeout(() => this.#child.kill("SIGKILL"), ANSWER_MS).unref();
      this.#asked.set(id, { resolve, reject, patience });
    });
  }

  /** Resolves when what was asked is answered and the process is gone. */
  async close(): Promise<void> {
    this.#send({ type: "close" });
    await this.ended;
  }

  /** That a message does not arrive shows in the end of the process. */
  #send(order: Order, claim?: Server): void {
    this.#child.send(order, claim, undefined, () => undefined);
  }

  #receive(news: News): void {
    if (news.type === "opened") {
      this.onTrouble(news.trouble);
      this.#onOpened(undefined);
    } else if (news.type === "trouble") this.onTrouble(news.code);
    else if (news.type === "failed") this.#onOpened(news.code);
    else if (news.type === "broken") this.#broken = news.code;
    else if (news.type === "answer") this.#take(news.id)?.resolve(news.result);
    else if (news.type === "refusal") this.#take(news.id)?.reject(unpackError(news.error));
  }

  #take(id: number): Asked | undefined {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    clearTimeout(asked?.patience);
    return asked;
  }

  #end(code: string): End {
    this.#onOpened(code);
    for (const id of [...this.#asked.keys()]) this.#take(id)?.reject(refusal(this.#broken ?? code));
    return { code, broken: this.#broken };
  }
}

/** Resolves when a process is gone and all that it sent has arrived. */
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
