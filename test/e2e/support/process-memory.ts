import { open, readFile } from "node:fs/promises";

const CHUNK_BYTES = 16 * 2 ** 20;

/** Whether the memory of a process or of its child processes contains some bytes, on Linux. */
export async function isInMemory(pid: number, content: string | Buffer): Promise<boolean> {
  const bytes = Buffer.from(content);
  if (await isInOwnMemory(pid, bytes)) return true;
  const children = await readFile(`/proc/${String(pid)}/task/${String(pid)}/children`, "utf8");
  for (const child of children.trim().split(" ").filter(Boolean)) {
    if (await isInMemory(Number(child), bytes)) return true;
  }
  return false;
}

async function isInOwnMemory(pid: number, bytes: Buffer): Promise<boolean> {
  const maps = await readFile(`/proc/${String(pid)}/maps`, "utf8");
  const memory = await open(`/proc/${String(pid)}/mem`);
  const chunk = Buffer.alloc(CHUNK_BYTES + bytes.length); // what lies across two chunks is found in the first
  try {
    for (const [, from = "", to = ""] of maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) r/gm)) {
      const end = parseInt(to, 16);
      for (let start = parseInt(from, 16); start < end; start += CHUNK_BYTES) {
        const length = Math.min(chunk.length, end - start);
        // A region that is gone meanwhile, or is a device, cannot be read.
        const { bytesRead } = await memory.read(chunk, 0, length, start).catch(() => ({ bytesRead: 0 }));
        if (chunk.subarray(0, bytesRead).includes(bytes)) return true;
      }
    }
    return false;
  } finally {
    await memory.close();
  }
}
