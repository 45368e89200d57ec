import { open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { PRIVATE_FILE } from "./private-files.js";

/** Free disk space required for a change, in bytes. */
export const ROOM_BYTES = 65_536;

/** Checks free space by writing and flushing a temporary file. @throws system error */
export async function roomIn(folder: string, bytes: number): Promise<void> {
  const path = join(folder, "records.lmdb-room");
  const file = await open(path, "w", PRIVATE_FILE);
  try {
    await file.writeFile(Buffer.alloc(bytes));
    await file.datasync();
  } finally {
    await file.close();
    await unlink(path);
  }
}
