import { statSync, unlinkSync } from "node:fs";
import type { Server } from "node:net";
import { join, resolve } from "node:path";
import { claimSoon, type Release } from "./claim.js";
import { nameOf } from "./commit-queue.js";
import { foreignFormat } from "./format.js";
import { inspect } from "./inspection.js";
import { createLockFile, FILE, hasHoles, looseModes, makeFolder } from "./private-files.js";
import { DAMAGED } from "./trouble.js";

interface Prepared {
  /** Releases the folder. */
  release: () => Promise<void>;
  /** The socket that claims the folder; undefined if the folder does not support sockets. */
  claim: Server | undefined;
  /** Problems that do not prevent startup. */
  warnings: string[];
}

/**
 * Checks that the databases of a folder can be opened: LMDB would crash the process without a message.
 * @throws Error that says what is wrong with DATA_DIR and how to fix it
 */
export async function prepare(folder: string, isProduction: boolean): Promise<Prepared> {
  make(folder);
  const warnings = checkModes(folder, isProduction);
  const { release, claim } = await hold(folder, warnings);
  try {
    const warning = await check(join(folder, FILE));
    return { release, claim, warnings: [...warnings, ...warning] };
  } catch (error) {
    await release();
    throw error;
  }
}

function make(folder: string): void {
  try {
    makeFolder(folder);
  } catch (error) {
    throw new Error(
      `DATA_DIR=${folder} cannot be used (${nameOf(error)}): it must be a folder that this user can create and write`,
    );
  }
}

/** Checks the modes of the folder, the database file and its lock file. */
function checkModes(folder: string, isProduction: boolean): string[] {
  const files = [FILE, `${FILE}-lock`].map((name) => join(folder, name));
  const loose = looseModes(folder, files);
  if (loose.length === 0) return [];
  const message = `DATA_DIR=${folder} is accessible to other users, who could read reports and proofs of payment:\n${loose.join("\n")}`;
  if (isProduction) throw new Error(message);
  return [message];
}

async function hold(folder: string, warnings: string[]): Promise<Omit<Prepared, "warnings">> {
  let release: Release | undefined;
  try {
    release = await claimSoon(folder);
  } catch (error) {
    const code = nameOf(error);
    warnings.push(
      `DATA_DIR=${folder} does not support sockets (${code}): a second server could use it at the same time`,
    );
    return { release: () => Promise.resolve(), claim: undefined };
  }
  if (release !== undefined) return { release, claim: release.socket };
  throw new Error(
    `DATA_DIR=${folder} is in use by another process: stop that process, or give each server its own folder`,
  );
}

/** @returns warnings */
async function check(path: string): Promise<string[]> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (!found.isFile()) throw new Error(`DATA_DIR: ${path} is not a file: move it aside`);
  if (found.size === 0) throw damaged(path, "it is empty");
  renewLockFile(path);
  const { problem, format, entries, isComplete } = await inspect(path);
  if (problem !== undefined && isOfSystem(problem)) throw cannotOpen(path, problem);
  if (problem !== undefined) throw damaged(path, problem);
  const foreign = foreignFormat(format);
  if (foreign !== undefined) throw new Error(`DATA_DIR: ${path} cannot be read: ${foreign}`);
  return isComplete
    ? []
    : [`DATA_DIR: ${path} is too large to check in full at startup: ${String(entries)} entries are intact`];
}

/**
 * Checks the databases of a folder again after their process exited.
 * @returns the code of the problem that prevents opening them
 */
export async function problemIn(folder: string): Promise<string | undefined> {
  const path = join(folder, FILE);
  try {
    if (statSync(path).size === 0) return DAMAGED;
  } catch (error) {
    return nameOf(error);
  }
  const { problem } = await inspect(path);
  return problem === undefined || isOfSystem(problem) ? problem : DAMAGED;
}

/** Replaces a sparse lock file, which no other process uses: LMDB would crash if the disk is full. */
function renewLockFile(path: string): void {
  const lock = `${path}-lock`;
  try {
    if (hasHoles(lock)) unlinkSync(lock);
    createLockFile(lock);
  } catch (error) {
    throw cannotOpen(lock, nameOf(error));
  }
}

function isOfSystem(problem: string): boolean {
  return /^E[A-Z]+$/.test(problem);
}

/** @param code such as EACCES */
export function cannotOpen(path: string, code: string): Error {
  const advice: Record<string, string> = {
    EACCES: "make the user of this process the owner of the file and its folder",
    EPERM: "make the user of this process the owner of the file and its folder",
    EROFS: "it is mounted read-only",
    ENOSPC: "the disk is full",
    EDQUOT: "the disk quota is exceeded",
  };
  return new Error(`DATA_DIR: ${path} cannot be opened for writing (${code}): ${advice[code] ?? "check the disk"}`);
}

function damaged(path: string, problem: string): Error {
  const [from, to] = [resolve(path), resolve(`${path}.damaged`)];
  return new Error(
    `DATA_DIR: ${path} is damaged (${problem}). To restore a backup: npm run restore -- --replace <file>\n` +
      `To start without its reports, bans and tips: mv ${from} ${to}`,
  );
}
