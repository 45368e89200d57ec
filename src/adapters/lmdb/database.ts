import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Database, open, type RootDatabase } from "lmdb";
import { numberAfter } from "../../core/numbers.js";

/** What is numbered, each in its own order. */
export type Numbered = "report" | "ban" | "tip";

/** The databases of a folder, in one file. A process may open a folder only once. */
export function openDatabase(folder: string): RootDatabase {
  mkdirSync(folder, { recursive: true });
  return open({ path: join(folder, "records.lmdb"), noMemInit: true, maxDbs: 32 });
}

/** Carries out a change in one step. It is flushed to disk when this resolves: it survives the process being killed. */
export async function commit<T>(root: RootDatabase, change: () => T): Promise<T> {
  const result = await root.transaction(change);
  await root.flushed;
  return result;
}

/** The next number of a kind, which is given away with that. To run in a transaction. */
export function nextNumber(last: Database<number, Numbered>, kind: Numbered, nowMs: number): number {
  const number = numberAfter(last.get(kind) ?? 0, nowMs);
  void last.put(kind, number);
  return number;
}

/** The last number of each kind that was given away. */
export function lastNumbers(root: RootDatabase): Database<number, Numbered> {
  return root.openDB({ name: "last-numbers" });
}
