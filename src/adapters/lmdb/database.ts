import { stat } from "node:fs/promises";
import { existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Database, open, type RootDatabase } from "lmdb";
import { nextRevision } from "../../core/revision.js";
import { CommitQueue, nameOf } from "./commit-queue.js";
import { writeFormat } from "./format.js";
import { createLockFile, FILE, makeFolder, PRIVATE_FILE } from "./private-files.js";
import { ROOM_BYTES, roomIn } from "./room.js";

/** Kinds of entries that have their own sequence of numbers. */
export type Numbered =
  | "report"
  | "ban"
  | "appeal"
  | "action"
  | "case"
  | "case-change"
  | "audit"
  | "tip"
  | "deposit"
  | "person"
  | "event"
  | "command";

type CommitListener = Pick<ConstructorParameters<typeof CommitQueue>[1], "onFault" | "onStored" | "onBroken">;

const queues = new WeakMap<RootDatabase, CommitQueue>();

/**
 * Opens the databases of a folder, which share one file. A process may open a folder only once. The file must be intact
 * (see `inspect`): LMDB maps it into memory and does not validate it.
 * @param listener see `CommitQueue`
 */
export function openDatabase(
  folder: string,
  listener: CommitListener = { onFault: () => undefined, onStored: () => undefined },
): RootDatabase {
  makeFolder(folder);
  const path = join(folder, FILE);
  createLockFile(`${path}-lock`);
  const root = openFile(path);
  const file = statSync(path);
  const check = async () => {
    const found = await stat(path).catch(() => undefined);
    return found?.ino === file.ino && found.dev === file.dev ? undefined : "ENOENT";
  };
  const explain = async (code: string) => (code === "EIO" ? await causeOfEio(folder) : code);
  queues.set(root, new CommitQueue(root, { check, explain, ...listener }));
  return root;
}

/** LMDB also reports EIO when a full disk accepts only part of a write. */
async function causeOfEio(folder: string): Promise<string> {
  try {
    await roomIn(folder, ROOM_BYTES);
    return "EIO";
  } catch (error) {
    return nameOf(error);
  }
}

/** Deletes a new file that could not be initialized: it is empty, and would be rejected as damaged. */
function openFile(path: string): RootDatabase {
  const isNew = !existsSync(path);
  try {
    const root = open({
      ...{ path, noMemInit: true, maxDbs: 64, permissionsMode: PRIVATE_FILE },
      // Flushes a transaction before it becomes visible, and gives each its own promise.
      ...{ overlappingSync: false, eventTurnBatching: false },
    });
    if (isNew) writeFormat(root);
    return root;
  } catch (error) {
    if (isNew) rmSync(path, { force: true });
    throw error;
  }
}

/** Runs a change atomically. Resolves when it is flushed to disk. @throws CommitError */
export function commit<T>(root: RootDatabase, change: () => T): Promise<T> {
  return queueOf(root).run(change);
}

/** Returns the queue for all changes of an open folder. */
export function queueOf(root: RootDatabase): CommitQueue {
  const queue = queues.get(root);
  if (queue === undefined) throw new Error("this database was not opened by openDatabase");
  return queue;
}

/** Assigns the next number of a kind. Must run in a transaction. */
export function nextNumber(last: Database<number, Numbered>, kind: Numbered, nowMs: number): number {
  const number = nextRevision(last.get(kind) ?? 0, nowMs);
  void last.put(kind, number);
  return number;
}

/** The last assigned number of each kind. */
export function lastNumbers(root: RootDatabase): Database<number, Numbered> {
  return root.openDB({ name: "last-numbers" });
}
