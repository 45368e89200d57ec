import { chmodSync, closeSync, fchmodSync, mkdirSync, openSync, statSync, unlinkSync, writeFileSync } from "node:fs";

/** Name of the database file in its folder. */
export const FILE = "records.lmdb";

/** Only the owner may read and write: the files hold reports and proofs of payment. */
export const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** Size of the lock file: more than LMDB needs for 126 readers. */
const LOCK_BYTES = 16_384;

/** Creates a folder that only its owner can access, regardless of the umask. Leaves an existing folder unchanged. */
export function makeFolder(folder: string): void {
  if (mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER }) !== undefined) chmodSync(folder, PRIVATE_FOLDER);
}

/**
 * Creates LMDB's lock file, if there is none, with all blocks allocated. LMDB would create a sparse file, and the first
 * access on a full disk would crash the process with SIGBUS.
 */
export function createLockFile(path: string): void {
  let file: number;
  try {
    file = openSync(path, "wx", PRIVATE_FILE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    throw error;
  }
  try {
    fchmodSync(file, PRIVATE_FILE);
    writeFileSync(file, Buffer.alloc(LOCK_BYTES));
  } catch (error) {
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(file);
  }
}

/** Whether a file exists and is sparse. */
export function hasHoles(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && found.blocks * 512 < found.size;
}

/** Mode bits: permissions of the group, permissions of others, and setgid. */
const [GROUP, OTHERS, SETGID] = [0o070, 0o007, 0o2000];

/**
 * Describes which modes let other users access the folder or its files. A group may have access if the folder has the
 * setgid bit: an administrator intended that, as Kubernetes does with `fsGroup`.
 */
export function looseModes(folder: string, files: readonly string[]): string[] {
  const mode = modeOf(folder);
  if (mode === undefined || process.platform === "win32") return [];
  const refused = (mode & SETGID) === 0 ? GROUP | OTHERS : OTHERS;
  return [[folder, 0o700] as const, ...files.map((file) => [file, PRIVATE_FILE] as const)].flatMap(([path, wanted]) => {
    const found = modeOf(path);
    if (found === undefined || (found & refused) === 0) return [];
    return `${path} has mode ${octal(found)}: run chmod ${octal(wanted)} ${path}`;
  });
}

function modeOf(path: string): number | undefined {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  return mode === undefined ? undefined : mode & 0o7777;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
