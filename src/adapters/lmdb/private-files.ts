import { chmodSync, closeSync, fchmodSync, mkdirSync, openSync, statSync, unlinkSync, writeFileSync } from "node:fs";

/** Only their owner reads and writes what strangers wrote about each other, and the proofs of payments. */
export const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** As much as LMDB takes for 126 readers, with room to spare. */
const LOCK_BYTES = 16_384;

/** Makes a folder for its owner only, whatever the umask; one that is there stays as it is. */
export function makeFolder(folder: string): void {
  if (mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER }) !== undefined) chmodSync(folder, PRIVATE_FOLDER);
}

/**
 * Makes LMDB's lock file if there is none, filled: LMDB would make it of holes, and the first reader without room on the
 * disk would end the process with SIGBUS.
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

/** Whether a file that is there takes less room than its length. */
export function hasHoles(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && found.blocks * 512 < found.size;
}

/** Bits of a mode: what the group and others may, and that a folder hands its group on. */
const [GROUP, OTHERS, SETGID] = [0o070, 0o007, 0o2000];

/**
 * Who else may reach the folder or its files, in words; nothing when only their owner can. Others never may. A group may
 * where the folder hands its group on (setgid): an administrator meant that, as Kubernetes does with `fsGroup`.
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
