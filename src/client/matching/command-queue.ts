import { backoffMs, sleep } from "../connection/timers.js";
import { isTransient, isUnauthenticated, toSatoshigleError } from "../connection/error-mapping.js";

export type CommandName = "match" | "leave" | "report";

interface Command {
  readonly name: CommandName;
  readonly run: () => Promise<unknown>;
  readonly done: Promise<void>;
  resolve(value: Promise<void> | void): void;
  reject(error: unknown): void;
  /** Ends its waiting when a later command takes its place. */
  readonly replaced: AbortController;
  successor: Command | undefined;
}

/** Which waiting commands a new one makes pointless. A report is never dropped. */
const supersedes: Record<CommandName, readonly CommandName[]> = {
  match: ["match"],
  leave: ["match", "leave"],
  report: [],
};

/** After this many sessions that were over at once, something else is wrong. */
const MOST_SESSIONS = 3;

interface Link {
  /** Resolves when calls make sense; rejects when they never will. */
  online(): Promise<void>;
  /** The session is over. */
  reopen(): void;
}

/** What the person asked for, one after the other, repeated until the server has taken it or refused it. */
export class CommandQueue {
  readonly #link: Link;
  readonly #queue: Command[] = [];

  constructor(link: Link) {
    this.#link = link;
  }

  /** Resolves when the server has acknowledged it, or the command that took its place. */
  submit(name: CommandName, run: () => Promise<unknown>): Promise<void> {
    const command = createCommand(name, run);
    // What is reported does not depend on what else was asked for, and must not wait for it.
    if (name === "report") {
      const done = this.#carryOut(command);
      done.then(
        () => command.resolve(),
        (error: unknown) => command.reject(toSatoshigleError(error)),
      );
      return command.done;
    }
    for (const waiting of this.#queue) {
      if (supersedes[name].includes(waiting.name) && !waiting.successor) replace(waiting, command);
    }
    this.#queue.push(command);
    if (this.#queue[0] === command) void this.#work();
    return command.done;
  }

  /** Whether such a command is still to be acknowledged. */
  pending(name: CommandName): boolean {
    return this.#queue.some((command) => command.name === name && !command.successor);
  }

  async #work(): Promise<void> {
    for (let command = this.#queue[0]; command; command = this.#queue[0]) {
      try {
        await this.#carryOut(command);
        command.resolve(command.successor?.done);
      } catch (error) {
        if (command.successor) command.resolve(command.successor.done);
        else command.reject(toSatoshigleError(error));
      }
      // Only now: what a listener asks for meanwhile must still see this one as pending.
      this.#queue.shift();
    }
  }

  async #carryOut(command: Command): Promise<void> {
    let sessions = 0;
    for (let failures = 0; ; failures++) {
      await Promise.race([this.#link.online(), sleepUntilAborted(command.replaced.signal)]);
      if (isReplaced(command)) return;
      try {
        await command.run();
        return;
      } catch (error) {
        if (isReplaced(command)) return;
        if (isUnauthenticated(error)) {
          this.#link.reopen();
          // Whoever has no session any more is idle.
          if (command.name === "leave") return;
          if (++sessions > MOST_SESSIONS) throw error;
          continue;
        }
        const delayMs = retryDelayMs(command.name, error, failures);
        if (delayMs === undefined) throw error;
        await sleep(delayMs, command.replaced.signal);
      }
    }
  }
}

/** Leaving must come about, so it waits for its turn; for anything else the person decides whether to try again. */
function retryDelayMs(name: CommandName, reason: unknown, failures: number): number | undefined {
  const error = toSatoshigleError(reason);
  const retried = isTransient(error) || (name === "leave" && error.code === "limit_reached");
  return retried ? Math.max(error.retryAfterMs ?? 0, backoffMs(failures)) : undefined;
}

function createCommand(name: CommandName, run: () => Promise<unknown>): Command {
  let resolve!: Command["resolve"];
  let reject!: Command["reject"];
  const done = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { name, run, done, resolve, reject, replaced: new AbortController(), successor: undefined };
}

function replace(command: Command, successor: Command): void {
  command.successor = successor;
  command.replaced.abort();
}

/** A call, because it changes while one waits. */
function isReplaced(command: Command): boolean {
  return command.successor !== undefined;
}

function sleepUntilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
