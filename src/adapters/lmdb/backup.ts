import { existsSync } from "node:fs";
import { chmod, copyFile, link, mkdtemp, open as openFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { open } from "lmdb";
import { claim } from "./claim.js";
import { foreignFormat } from "./format.js";
import { inspect } from "./inspection.js";
import { FILE, makeFolder, PRIVATE_FILE } from "./private-files.js";

/** Time limit for reading a copy in full, in milliseconds. */
const READING_MS = 3_600_000;

interface Options {
  /** Whether an existing target may be replaced. */
  replace: boolean;
}

/**
 * Copies the databases of a folder into a file, even while a server uses them. The copy is a consistent snapshot of all
 * databases. The file appears only after it was read in full, and only its owner can read it.
 * @returns the number of entries
 * @throws Error that says what to do
 */
export async function backup(folder: string, target: string, { replace }: Options): Promise<number> {
  const source = join(folder, FILE);
  if (!existsSync(source)) throw new Error(`there are no records in DATA_DIR=${folder}`);
  if (!replace && existsSync(target)) throw new Error(`${target} exists: name another file, or add --replace`);
  await readInFull(source);
  return await inWorkFolder(dirname(target), async (work) => {
    const copy = join(work, FILE);
    const root = open({ path: source, readOnly: true, maxDbs: 64 });
    await root.backup(copy, true).finally(() => root.close());
    const entries = await readInFull(copy);
    await keep(copy);
    if (replace) await rename(copy, target);
    else await link(copy, target); // fails if the file was created meanwhile
    await flush(dirname(target));
    return entries;
  });
}

/**
 * Restores a backup into a folder that no server uses. With `replace`, the former file stays in the folder under the
 * returned name.
 * @throws Error that says what to do
 */
export async function restore(folder: string, source: string, { replace }: Options, nowMs: number) {
  if (!existsSync(source)) throw new Error(`${source} does not exist`);
  makeFolder(folder);
  const release = await claim(folder);
  if (release === undefined) throw new Error(`DATA_DIR=${folder} is in use by a running server: stop it first`);
  try {
    const target = join(folder, FILE);
    const isThere = existsSync(target);
    if (isThere && !replace) throw new Error(`there are records in DATA_DIR=${folder}: add --replace to replace them`);
    const former = isThere ? `${target}.replaced-${new Date(nowMs).toISOString().replace(/\D/g, "")}` : undefined;
    return await inWorkFolder(folder, async (work) => {
      const copy = join(work, FILE);
      await copyFile(source, copy);
      const entries = await readInFull(copy);
      await keep(copy);
      if (former !== undefined) await rename(target, former);
      await rm(`${target}-lock`, { force: true }); // it lists readers of the former file
      await rename(copy, target);
      await flush(folder);
      return { entries, former };
    });
  } finally {
    await release();
  }
}

/** Runs a function with a temporary folder that only its owner can read: LMDB creates its copy with the umask. */
async function inWorkFolder<T>(parent: string, act: (work: string) => Promise<T>): Promise<T> {
  const work = await mkdtemp(join(parent, ".records-"));
  try {
    return await act(work);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** @returns the number of entries */
async function readInFull(path: string): Promise<number> {
  const { problem, format, entries, isComplete } = await inspect(path, READING_MS);
  if (problem !== undefined) throw new Error(`${path} is damaged (${problem})`);
  const foreign = foreignFormat(format);
  if (foreign !== undefined) throw new Error(`${path} cannot be read: ${foreign}`);
  if (!isComplete) throw new Error(`${path} could not be read in full within an hour`);
  return entries;
}

/** Makes a file private to its owner and flushes it, so that it survives a power failure. */
async function keep(path: string): Promise<void> {
  await chmod(path, PRIVATE_FILE);
  await flush(path);
}

async function flush(path: string): Promise<void> {
  const file = await openFile(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
