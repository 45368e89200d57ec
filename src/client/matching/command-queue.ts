import { isUnauthenticated } from "../connection/error-mapping.js";
import { retry, retryTransient, retryTransientOrLimited, type SessionLink } from "../connection/retry.js";

export type CommandName = "match" | "leave" | "report";

interface Command {
  readonly name: CommandName;
  readonly call: () => Promise<unknown>;
  readonly done: Promise<void>;
  resolve(value?: Promise<void>): void;
  reject(error: unknown): void;
  /** Aborts when a later command supersedes this one. */
  readonly superseded: AbortController;
  successor: Command | undefined;
}

/** Which waiting commands a new one supersedes. A report is never dropped. */
const SUPERSEDED_BY: Record<CommandName, readonly CommandName[]> = {
  match: ["match"],
  leave: ["match", "leave"],
  report: [],
};

/** After this many sessions that were over at once, the fault lies elsewhere. */
const MAX_SESSIONS = 3;

/** Sends commands to the server one at a time, and retries each until the server has accepted or refused it. */
export class CommandQueue {
  readonly #link: SessionLink;
  readonly #queue: Command[] = [];

  constructor(link: SessionLink) {
    this.#link = link;
  }

  /** Resolves when the server has acknowledged the command, or the one that superseded it. */
  submit(name: CommandName, call: () => Promise<unknown>): Promise<void> {
    const command = createCommand(name, call);
    // A report does not depend on the other commands and must not wait for them.
    if (name === "report") return this.#run(command);
    for (const waiting of this.#queue) {
      if (SUPERSEDED_BY[name].includes(waiting.name) && !waiting.successor) supersede(waiting, command);
    }
    this.#queue.push(command);
    if (this.#queue[0] === command) void this.#runAll();
    return command.done;
  }

  /** Whether a command of this name has not been acknowledged yet. */
  pending(name: CommandName): boolean {
    return this.#queue.some((command) => command.name === name && !command.successor);
  }

  async #runAll(): Promise<void> {
    for (let command = this.#queue[0]; command; command = this.#queue[0]) {
      try {
        await this.#run(command);
        command.resolve(command.successor?.done);
      } catch (error) {
        if (command.successor) command.resolve(command.successor.done);
        else command.reject(error);
      }
      // Not before: commands that a listener submits meanwhile must see this one as pending.
      this.#queue.shift();
    }
  }

  async #run(command: Command): Promise<void> {
    let lostSessions = 0;
    await retry(() => this.#call(command), {
      link: this.#link,
      signal: command.superseded.signal,
      decide: (error) => {
        if (isUnauthenticated(error)) return ++lostSessions > MAX_SESSIONS ? "fail" : "retry now";
        // Leaving must succeed, so it waits for a limit; after any other command the person decides whether to retry.
        return command.name === "leave" ? retryTransientOrLimited(error) : retryTransient(error);
      },
    });
  }

  async #call(command: Command): Promise<void> {
    try {
      await command.call();
    } catch (error) {
      // Without a session there is nothing to leave.
      if (command.successor || command.name !== "leave" || !isUnauthenticated(error)) throw error;
      this.#link.reopen();
    }
  }
}

function createCommand(name: CommandName, call: () => Promise<unknown>): Command {
  let resolve!: Command["resolve"];
  let reject!: Command["reject"];
  const done = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { name, call, done, resolve, reject, superseded: new AbortController(), successor: undefined };
}

function supersede(command: Command, successor: Command): void {
  command.successor = successor;
  command.superseded.abort();
}
