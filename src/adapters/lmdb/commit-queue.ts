import { constants } from "node:os";
import type { RootDatabase } from "lmdb";

/** How many changes share one transaction at most: they are carried out in one turn of the event loop. */
const GROUP = 200;
/** After how many milliseconds a commit that has not ended is given up: the disk does not answer. */
const COMMIT_LIMIT_MS = 10_000;

/** A change was not stored, or nobody can say whether it was: it must not be acknowledged. */
export class CommitError extends Error {
  override readonly name = "CommitError";

  /** @param code such as `ENOSPC`, what the system or the database gave as the cause */
  constructor(readonly code: string) {
    super(`the change was not stored: ${code}`);
  }
}

interface Entry {
  attempt(): void;
  succeed(): void;
  fail(error: CommitError): void;
}

interface Parts {
  /** Finds what makes a commit worthless although the database calls it done; returns a code for that. */
  check: () => Promise<string | undefined>;
  /** Finds the code that says more than the one a commit failed with. */
  explain: (code: string) => Promise<string>;
  /** The first commit that failed since the last `resume`. */
  onFault: (error: CommitError) => void;
  /** Changes were stored. */
  onStored: () => void;
  /** A transaction failed inside LMDB, which may have written where it must not: nothing may be written with it any more. */
  onBroken?: (code: string) => void;
}

/**
 * Carries out changes in groups, each group one transaction that is flushed to disk before its changes resolve. There is
 * at most one transaction at a time, and none after one that failed until `resume`.
 */
export class CommitQueue {
  #waiting: Entry[] = [];
  #work: Promise<void> | undefined;
  #fault: CommitError | undefined;

  constructor(
    private readonly root: RootDatabase,
    private readonly parts: Parts,
  ) {}

  /** Whether a transaction is under way; one that was given up is until it ends after all. */
  get isBusy(): boolean {
    return this.#work !== undefined;
  }

  /** A change that throws must not have written. @throws CommitError */
  run<T>(change: () => T): Promise<T> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push(entryOf(change, resolve, reject));
      this.#work ??= this.#commitAll();
    });
  }

  /** Whether changes are let through. */
  get isOpen(): boolean {
    return this.#fault === undefined;
  }

  /** Refuses all changes until `resume`. */
  refuse(fault: CommitError): void {
    this.#fault ??= fault;
  }

  /** Lets changes through again, after a failed one. */
  resume(): void {
    this.#fault = undefined;
  }

  /** Waits for what is under way; nothing is let through after that. Never rejects. */
  async end(): Promise<void> {
    await this.#work;
    this.#fault ??= new CommitError("ECLOSED");
  }

  /** Never rejects. */
  async #commitAll(): Promise<void> {
    while (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0, GROUP));
    this.#work = undefined;
  }

  async #commit(group: Entry[]): Promise<void> {
    const patience = setTimeout(() => {
      this.#fail(group, new CommitError("ETIMEDOUT"));
    }, COMMIT_LIMIT_MS).unref();
    try {
      await this.#transact(group);
      const code = await this.parts.check();
      if (code !== undefined) throw new CommitError(code);
      for (const entry of group) entry.succeed(); // does nothing to those that were given up
      if (this.isOpen) this.parts.onStored();
    } catch (error) {
      this.#fail(group, error as CommitError);
    } finally {
      clearTimeout(patience);
    }
  }

  /** @throws CommitError */
  async #transact(group: readonly Entry[]): Promise<void> {
    try {
      await this.root.transaction(() => {
        for (const entry of group) entry.attempt();
      });
    } catch (error) {
      const code = await this.parts.explain(await codeOf(error));
      this.parts.onBroken?.(code);
      throw new CommitError(code);
    }
  }

  #fail(group: readonly Entry[], error: CommitError): void {
    const isFirst = this.#fault === undefined;
    this.#fault ??= error;
    for (const entry of [...group, ...this.#waiting.splice(0)]) entry.fail(error);
    if (isFirst) this.parts.onFault(error);
  }
}

function entryOf<T>(change: () => T, resolve: (result: T) => void, reject: (error: unknown) => void): Entry {
  let succeed: () => void;
  return {
    attempt: () => {
      try {
        const result = change();
        succeed = () => {
          resolve(result);
        };
      } catch (error) {
        succeed = () => {
          reject(error);
        };
      }
    },
    succeed: () => {
      succeed();
    },
    fail: reject,
  };
}

/** What the database gave as the cause; it hides it in a promise that ends the process when nobody looks at it. */
async function codeOf(error: unknown): Promise<string> {
  const hidden = (error as { commitError?: Promise<never> }).commitError;
  const cause: unknown = hidden === undefined ? error : await hidden.catch((reason: unknown) => reason);
  return nameOf(cause);
}

/** The name of an error of the system or of LMDB. */
export function nameOf(cause: unknown): string {
  const { code, message } = cause as { code?: number | string; message?: string };
  const ofLmdb = /\bMDB_[A-Z_]+\b/.exec(message ?? "")?.[0];
  if (ofLmdb !== undefined) return ofLmdb;
  if (typeof code === "string") return code;
  return Object.entries(constants.errno).find(([, number]) => number === code)?.[0] ?? `error ${String(code)}`;
}
