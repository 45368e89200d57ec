import { stat } from "node:fs/promises";
import { existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Database, open, type RootDatabase } from "lmdb";
import { nextRevision } from "../../core/revision.js";
import { CommitQueue, nameOf } from "./commit-queue.js";
import { createLockFile, makeFolder, PRIVATE_FILE } from "./private-files.js";
import { ROOM_BYTES, roomIn } from "./room.js";

/** What is numbered, each in its own order. */
export type Numbered = "report" | "ban" | "tip";

/** The file of the databases in a folder. */
export const FILE = "records.lmdb";

type News = Pick<ConstructorParameters<typeof CommitQueue>[1], "onFault" | "onStored" | "onBroken">;

const queues = new WeakMap<RootDatabase, CommitQueue>();

/**
 * The databases of a folder, in one file. A process may open a folder only once. The file is to be sound (`inspect`):
 * LMDB maps it into memory and trusts it.
 * @param news see `CommitQueue`
 */
export function openDatabase(
  folder: string,
  news: News = { onFault: () => undefined, onStored: () => undefined },
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
  const explain = async (code: string) => (code === "EIO" ? await whyNot(folder) : code);
  queues.set(root, new CommitQueue(root, { check, explain, ...news }));
  return root;
}

/** LMDB calls it EIO, too, when a disk without room takes a part of what is written. */
async function whyNot(folder: string): Promise<string> {
  try {
    await roomIn(folder, ROOM_BYTES);
    return "EIO";
  } catch (error) {
    return nameOf(error);
  }
}

/** A file that could not be made in full is taken away again: nothing is in it, and it would be refused as damaged. */
function openFile(path: string): RootDatabase {
  const isNew = !existsSync(path);
  try {
    return open({
      ...{ path, noMemInit: true, maxDbs: 32, permissionsMode: PRIVATE_FILE },
      // A transaction is flushed before anybody sees it, and every one has a promise of its own that is looked at.
      ...{ overlappingSync: false, eventTurnBatching: false },
    });
  } catch (error) {
    if (isNew) rmSync(path, { force: true });
    throw error;
  }
}

/** Carries out a change in one step. It is flushed to disk when this resolves. @throws CommitError */
export function commit<T>(root: RootDatabase, change: () => T): Promise<T> {
  return queueOf(root).run(change);
}

/** What all changes of an opened folder go through. */
export function queueOf(root: RootDatabase): CommitQueue {
  const queue = queues.get(root);
  if (queue === undefined) throw new Error("this database was not opened by openDatabase");
  return queue;
}

/** The next number of a kind, which is given away with that. To run in a transaction. */
export function nextNumber(last: Database<number, Numbered>, kind: Numbered, nowMs: number): number {
  const number = nextRevision(last.get(kind) ?? 0, nowMs);
  void last.put(kind, number);
  return number;
}

/** The last number of each kind that was given away. */
export function lastNumbers(root: RootDatabase): Database<number, Numbered> {
  return root.openDB({ name: "last-numbers" });
}
