import { statSync, unlinkSync } from "node:fs";
import type { Server } from "node:net";
import { join, resolve } from "node:path";
import { claimSoon, type Release } from "./claim.js";
import { nameOf } from "./commit-queue.js";
import { FILE } from "./database.js";
import { inspect } from "./inspection.js";
import { createLockFile, hasHoles, looseModes, makeFolder } from "./private-files.js";
import { DAMAGED } from "./trouble.js";

interface Prepared {
  /** Gives the folder back to other processes. */
  release: () => Promise<void>;
  /** The socket that it is claimed with, if it could be. */
  claim: Server | undefined;
  /** What is not as it should be and keeps nobody from starting. */
  warnings: string[];
}

/**
 * Makes sure that the databases of a folder can be opened: LMDB itself would end the process without a word.
 * @throws Error that says what is wrong with DATA_DIR and what to do
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
      `DATA_DIR=${folder} cannot be used (${nameOf(error)}): it must be a folder that this user may make and write to`,
    );
  }
}

/** The files of a folder that hold what was stored, or keep others from writing at the same time. */
function checkModes(folder: string, isProduction: boolean): string[] {
  const files = [FILE, `${FILE}-lock`].map((name) => join(folder, name));
  const loose = looseModes(folder, files);
  if (loose.length === 0) return [];
  const message = `DATA_DIR=${folder} is open to other users, who could read reports and proofs of payments:\n${loose.join("\n")}`;
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
      `DATA_DIR=${folder}: nothing keeps a second server from using it, as it can hold no socket (${code})`,
    );
    return { release: () => Promise.resolve(), claim: undefined };
  }
  if (release !== undefined) return { release, claim: release.socket };
  throw new Error(
    `DATA_DIR=${folder} is used by another running process: stop that one, or give each server a folder of its own`,
  );
}

/** @returns what to warn of */
async function check(path: string): Promise<string[]> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (!found.isFile()) throw new Error(`DATA_DIR: ${path} is not a file: move it aside`);
  if (found.size === 0) throw damaged(path, "it is empty");
  renewLockFile(path);
  const { problem, entries, isComplete } = await inspect(path);
  if (problem !== undefined && isOfSystem(problem)) throw cannotOpen(path, problem);
  if (problem !== undefined) throw damaged(path, problem);
  return isComplete
    ? []
    : [`DATA_DIR: ${path} is too large to be read in full at the start: ${String(entries)} entries are sound`];
}

/**
 * Looks again at the databases of a folder, whose process ended.
 * @returns the code of why they cannot be opened
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

/** A lock file with holes would end the process when they cannot be filled; nobody else uses it. */
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
    EACCES: "give it and its folder to the user of this process",
    EPERM: "give it and its folder to the user of this process",
    EROFS: "it is mounted read-only",
    ENOSPC: "there is no room on the disk",
    EDQUOT: "there is no room within the quota",
  };
  return new Error(`DATA_DIR: ${path} cannot be opened for writing (${code}): ${advice[code] ?? "look at the disk"}`);
}

function damaged(path: string, problem: string): Error {
  const [from, to] = [resolve(path), resolve(`${path}.damaged`)];
  return new Error(
    `DATA_DIR: ${path} is damaged (${problem}). Restore a backup with: npm run restore -- --replace <file>\n` +
      `Or start without the reports, bans and tips in it, after: mv ${from} ${to}`,
  );
}
