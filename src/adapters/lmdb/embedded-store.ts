import { join } from "node:path";
import type { Database, RootDatabase } from "lmdb";
import { DomainError } from "../../core/errors.js";
import type { Clock } from "../../ports/clock.js";
import type { ModerationStore } from "../../ports/moderation-store.js";
import type { TipStore } from "../../ports/tip-ledger.js";
import { CommitError, nameOf } from "./commit-queue.js";
import { commit, FILE, openDatabase, queueOf } from "./database.js";
import { cannotOpen } from "./prepare.js";
import { LmdbRecords } from "./moderation-store.js";
import { ROOM_BYTES, roomIn } from "./room.js";
import { LmdbTips } from "./tip-ledger.js";

/** How often is tried whether the disk does better, in milliseconds. */
const PROBE_MS = 1_000;
/** After how long changes are let through though the disk has no room: the file may have some, in milliseconds. */
const TRY_ANYWAY_MS = 60_000;
/** When those who were refused are to come again, in milliseconds. */
const RETRY_MS = 5_000;
/** How long the end waits for a disk that does not answer, in milliseconds. */
const END_MS = 5_000;
/** What a trial stores, in bytes. */
const PIECE_BYTES = 16_384;

/** Codes of a disk, a quota or a file size limit that is used up. */
const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG", "MDB_MAP_FULL"]);

interface Parts {
  folder: string;
  clock: Clock;
  /** Told of the code of a trouble that begins, and of undefined when it is over. */
  onTrouble: (code: string | undefined) => void;
  /** A change was refused. */
  onRefused: () => void;
}

interface Opened {
  root: RootDatabase;
  records: ModerationStore;
  tips: TipStore;
  written: Database<Buffer, string>;
}

/**
 * Reports, bans and tips in a folder, which go on as far as the disk allows. A change that could not be stored is refused,
 * and all changes after it until a trial shows that they can be stored again; what is stored can be read meanwhile.
 */
export class EmbeddedStore {
  readonly records = this.#guarded(({ records }) => records);
  readonly tips = this.#guarded(({ tips }) => tips);
  #opened: Opened | undefined;
  #trouble: string | undefined;
  #triedMs = 0;
  #cancel: () => void = () => undefined;
  #isClosed = false;

  private constructor(private readonly parts: Parts) {}

  /** @throws Error that says why the databases cannot be opened; that nothing can be added to them is no reason. */
  static async open(parts: Parts): Promise<EmbeddedStore> {
    const store = new EmbeddedStore(parts);
    try {
      store.#opened = store.#open();
    } catch (error) {
      throw cannotOpen(join(parts.folder, FILE), nameOf(error));
    }
    await roomIn(parts.folder, ROOM_BYTES).then(
      () => store.#tryToWrite(),
      (error: unknown) => {
        store.#begin(nameOf(error));
      },
    );
    return store;
  }

  /** What is wrong, a plain sentence each. */
  get troubles(): readonly string[] {
    if (this.#trouble === undefined) return [];
    const cause = FULL.has(this.#trouble) ? "there is no room on the disk" : "the disk or its folder fails";
    return [`reports, bans and tips cannot be stored: ${cause} (${this.#trouble})`];
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    const opened = this.#opened;
    this.#opened = undefined;
    if (opened === undefined) return;
    const ended = queueOf(opened.root)
      .end()
      .then(() => opened.root.close());
    await Promise.race([ended, new Promise<void>((resolve) => void this.parts.clock.after(END_MS, resolve))]);
  }

  #open(): Opened {
    const onFault = ({ code }: CommitError) => {
      this.#begin(code);
    };
    const onStored = () => {
      if (this.#trouble !== undefined) this.#end();
    };
    const root = openDatabase(this.parts.folder, { onFault, onStored });
    const written = root.openDB<Buffer, string>({ name: "written" });
    return { root, written, records: new LmdbRecords(root), tips: new LmdbTips(root) };
  }

  #guarded<T extends object>(pick: (opened: Opened) => T): T {
    return new Proxy({} as T, {
      get: (_, name) => {
        return async (...args: unknown[]): Promise<unknown> => {
          try {
            if (this.#opened === undefined) throw new CommitError("ECLOSED");
            const target = pick(this.#opened);
            return (await Reflect.apply(Reflect.get(target, name) as () => unknown, target, args)) as unknown;
          } catch (error) {
            throw this.#told(error);
          }
        };
      },
    });
  }

  /** Maps an error to the one that callers receive. */
  #told(error: unknown): unknown {
    if (error instanceof CommitError) {
      this.parts.onRefused();
      return refusal(error.code);
    }
    const code = codeOfLmdb(error);
    if (code === undefined) return error;
    this.#begin(code);
    return refusal(code);
  }

  #begin(code: string): void {
    if (this.#trouble !== undefined || this.#isClosed) return;
    this.#trouble = code;
    this.#triedMs = this.parts.clock.nowMs();
    this.parts.onTrouble(code);
    this.#probeLater();
  }

  #end(): void {
    this.#cancel();
    this.#trouble = undefined;
    this.parts.onTrouble(undefined);
  }

  #probeLater(): void {
    this.#cancel = this.parts.clock.after(PROBE_MS, () => void this.#probe());
  }

  /** Looks whether the disk does better, and tries it then. Never rejects. */
  async #probe(): Promise<void> {
    const { folder, clock } = this.parts;
    try {
      await roomIn(folder, ROOM_BYTES);
      if (await this.#letThrough()) await this.#tryToWrite();
    } catch (error) {
      this.#trouble &&= nameOf(error);
      if (clock.nowMs() - this.#triedMs >= TRY_ANYWAY_MS) await this.#letThrough().catch(() => false);
    }
    if (this.#trouble !== undefined && !this.#isClosed) this.#probeLater();
  }

  /** @returns false when a commit is still under way. @throws Error when the databases cannot be opened again */
  async #letThrough(): Promise<boolean> {
    this.#triedMs = this.parts.clock.nowMs();
    if (this.#isClosed || (this.#opened !== undefined && queueOf(this.#opened.root).isBusy)) return false;
    if (this.#opened !== undefined && !canRead(this.#opened)) {
      const { root } = this.#opened;
      this.#opened = undefined;
      await root.close();
    }
    this.#opened ??= this.#open();
    queueOf(this.#opened.root).resume();
    return true;
  }

  /** Stores something. That it failed, or went well, the queue tells. Never rejects. */
  async #tryToWrite(): Promise<void> {
    if (this.#opened === undefined) return;
    const { root, written } = this.#opened;
    const change = () => {
      void written.put("piece", Buffer.alloc(PIECE_BYTES));
    };
    await commit(root, change).catch(() => undefined);
  }
}

/** LMDB can do nothing more after a failed write of its meta page: it has to be opened again. */
function canRead({ written }: Opened): boolean {
  try {
    written.doesExist("piece");
    return true;
  } catch {
    return false;
  }
}

function codeOfLmdb(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof DomainError) return undefined;
  const { code } = error as { code?: unknown };
  return typeof code === "number" || error.message.includes("MDB_") ? nameOf(error) : undefined;
}

function refusal(code: string): DomainError {
  if (FULL.has(code)) {
    return new DomainError("store_full", "there is no room to keep this right now; try again later", {
      retryAfterMs: RETRY_MS,
    });
  }
  return new DomainError("store_away", "this cannot be kept right now; try again", { retryAfterMs: RETRY_MS });
}
