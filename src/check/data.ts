import { mkdir, open, rmdir, stat, statfs, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { FILE, looseModes, PRIVATE_FILE } from "../adapters/lmdb/private-files.js";
import type { Config } from "../config.js";
import { about, type Finding, reasonOf } from "./finding.js";

const { ok, warn, fail } = about("data");

/** Free space below which an operator should act: years of reports of a small server, in bytes. */
const LOW_BYTES = 1_073_741_824;
const MIB = 1_048_576;
const WRITTEN_BYTES = 65_536;
/** Types of file systems that lose data at a restart, or on which LMDB's locks do not hold (`statfs`). */
const [TMPFS, NFS, SMB] = [0x01021994, 0x6969, 0xff534d42];

/** Checks the rights, the room and the kind of the folder for records. A folder that does not exist is made and removed. */
export async function checkData(config: Config): Promise<Finding[]> {
  const folder = resolve(config.DATA_DIR);
  if (config.REDIS_ENABLED) return [ok("not used: the records are in Redis")];
  const isFile = await stat(folder).then(
    (found) => !found.isDirectory(),
    () => false,
  );
  if (isFile) return [fail(`DATA_DIR=${folder} is not a folder`, "set DATA_DIR to a folder")];
  try {
    const made = await make(folder);
    await writeIn(folder);
    const findings = [...modes(folder, config.NODE_ENV === "production"), ...(await room(folder))];
    for (const one of made.reverse()) await rmdir(one); // not one that a server has begun to use
    return findings;
  } catch (error) {
    const text = `DATA_DIR=${folder} cannot be written: ${reasonOf(error)}`;
    return [fail(text, "make the user of the server its owner, and check that the disk is not full or read-only")];
  }
}

/** Makes a folder and those above it. Returns those that did not exist. */
async function make(folder: string): Promise<string[]> {
  const exists = await stat(folder).catch(() => undefined);
  if (exists !== undefined) return [];
  const made = await make(dirname(folder));
  await mkdir(folder, { mode: 0o700 });
  return [...made, folder];
}

/** Writes, flushes and removes a file, beside a server that may be running. */
async function writeIn(folder: string): Promise<void> {
  const path = join(folder, `check-${String(process.pid)}`);
  const file = await open(path, "wx", PRIVATE_FILE);
  try {
    await file.writeFile(Buffer.alloc(WRITTEN_BYTES));
    await file.datasync();
  } finally {
    await file.close();
    await unlink(path);
  }
}

function modes(folder: string, isProduction: boolean): Finding[] {
  const files = [FILE, `${FILE}-lock`].map((name) => resolve(folder, name));
  const loose = looseModes(folder, files);
  if (loose.length === 0) return [ok(`${folder} is accessible to its owner only`)];
  const text = `other users of this machine can read the records in ${folder}`;
  return [(isProduction ? fail : warn)(text, loose.join("; "))];
}

async function room(folder: string): Promise<Finding[]> {
  const { type, bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  const free = `${(freeBytes / MIB).toFixed(0)} MiB are free for ${folder}`;
  const found = [
    freeBytes < LOW_BYTES ? warn(free, "make room: on a full disk, reports and tips are refused") : ok(free),
  ];
  if (type === TMPFS) {
    found.push(
      warn(`${folder} is in memory (tmpfs): a restart loses the records`, "set DATA_DIR to a folder on a disk"),
    );
  }
  if (type === NFS || type === SMB) {
    const text = `${folder} is on a network file system, where locks and memory maps may fail`;
    found.push(warn(text, "set DATA_DIR to a folder on a local disk, or use Redis"));
  }
  return found;
}
