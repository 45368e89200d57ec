import { constants } from "node:os";
import type { RootDatabase } from "lmdb";

/** Max changes per transaction: they run in one turn of the event loop. */
const GROUP = 200;
/** Timeout of a commit when the disk does not respond, in milliseconds. */
const COMMIT_LIMIT_MS = 10_000;

/** A change was not stored, or its outcome is unknown: it must not be acknowledged. */
export class CommitError extends Error {
  override readonly name = "CommitError";

  /** @param code error code of the system or the database, such as `ENOSPC` */
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
  /** Returns a code if a commit that LMDB reports as done was lost, for instance because the file was deleted. */
  check: () => Promise<string | undefined>;
  /** Returns a more specific code for the one that a commit failed with. */
  explain: (code: string) => Promise<string>;
  /** Called with the first commit error since the last `resume`. */
  onFault: (error: CommitError) => void;
  /** Called after changes were stored. */
  onStored: () => void;
  /** Called after a transaction failed inside LMDB. Its memory may be corrupt, so it must not write any more. */
  onBroken?: (code: string) => void;
}

/**
 * Runs changes in groups. Each group is one transaction, which is flushed to disk before its changes resolve. Only one
 * transaction runs at a time, and none runs after a failure until `resume`.
 */
export class CommitQueue {
  #waiting: Entry[] = [];
  #work: Promise<void> | undefined;
  #fault: CommitError | undefined;

  constructor(
    private readonly root: RootDatabase,
    private readonly parts: Parts,
  ) {}

  /** Whether a transaction is running, including one that timed out and has not finished yet. */
  get isBusy(): boolean {
    return this.#work !== undefined;
  }

  /** A change must not write before it throws. @throws CommitError */
  run<T>(change: () => T): Promise<T> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push(entryOf(change, resolve, reject));
      this.#work ??= this.#commitAll();
    });
  }

  /** Whether changes are accepted. */
  get isOpen(): boolean {
    return this.#fault === undefined;
  }

  /** Rejects all changes until `resume`. */
  refuse(fault: CommitError): void {
    this.#fault ??= fault;
  }

  /** Accepts changes again after a failure. */
  resume(): void {
    this.#fault = undefined;
  }

  /** Waits for running transactions and rejects changes from then on. Never rejects itself. */
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
    const timeout = setTimeout(() => {
      this.#fail(group, new CommitError("ETIMEDOUT"));
    }, COMMIT_LIMIT_MS).unref();
    try {
      await this.#transact(group);
      const code = await this.parts.check();
      if (code !== undefined) throw new CommitError(code);
      for (const entry of group) entry.succeed(); // has no effect on entries that timed out
      if (this.isOpen) this.parts.onStored();
    } catch (error) {
      this.#fail(group, error as CommitError);
    } finally {
      clearTimeout(timeout);
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

/** The code of a failed transaction. lmdb puts the cause into a promise whose rejection must be handled. */
async function codeOf(error: unknown): Promise<string> {
  const hidden = (error as { commitError?: Promise<never> }).commitError;
  const cause: unknown = hidden === undefined ? error : await hidden.catch((reason: unknown) => reason);
  return nameOf(cause);
}

/** Returns the name of a system or LMDB error. */
export function nameOf(cause: unknown): string {
  const { code, message } = cause as { code?: number | string; message?: string };
  const ofLmdb = /\bMDB_[A-Z_]+\b/.exec(message ?? "")?.[0];
  if (ofLmdb !== undefined) return ofLmdb;
  if (typeof code === "string") return code;
  return Object.entries(constants.errno).find(([, number]) => number === code)?.[0] ?? `error ${String(code)}`;
}
