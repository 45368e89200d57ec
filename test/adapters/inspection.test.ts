import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { UNNAMED } from "../../src/core/case.js";
import { inspect } from "../../src/adapters/lmdb/inspection.js";
import { problemIn } from "../../src/adapters/lmdb/prepare.js";
import { DAMAGED } from "../../src/adapters/lmdb/trouble.js";
import { openStores } from "../support/store-fixture.js";

const PAGE_BYTES = 4_096;
/** Offsets in LMDB's two meta pages: the transaction number, and the root of the list of free pages. */
const [TRANSACTION_AT, FREE_LIST_AT] = [152, 88];
/** Offset of the number of entries in the record of a database, which follows its name. */
const ENTRIES_AT = 32;

/** A records file with 20 bans. */
async function createFile(): Promise<{ folder: string; path: string }> {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-inspection-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const stores = openStores(folder);
  const ban = { reason: "x".repeat(500), automatic: false, createdMs: Date.now(), expiresMs: Date.now() + 1e9 };
  for (let index = 0; index < 20; index++)
    await stores.records.putBan({ addressKey: `key ${String(index)}` as never, ...ban }, UNNAMED);
  await stores.close();
  return { folder, path: join(folder, "records.lmdb") };
}

/** Offset of the list of free pages after the newest transaction; behind the end of the file if there are none. */
function freeListIn(bytes: Buffer): number {
  const transaction = (at: number) => bytes.readBigUInt64LE(at + TRANSACTION_AT);
  const newest = transaction(0) > transaction(PAGE_BYTES) ? 0 : PAGE_BYTES;
  return Number(bytes.readBigUInt64LE(newest + FREE_LIST_AT)) * PAGE_BYTES;
}

/** A file with free pages: which transactions leave some depends on how they are flushed. */
async function createFileWithFreePages(): Promise<{ path: string; bytes: Buffer }> {
  for (;;) {
    const { path } = await createFile();
    const bytes = await readFile(path);
    if (freeListIn(bytes) < bytes.length) return { path, bytes };
  }
}

// Repeated: in some of these files, one in twenty-five, LMDB takes the damaged list for an empty one, and no write crashes.
it(
  "finds damage in the list of free pages, which reads do not notice and the first write would crash on",
  { retry: 3 },
  async () => {
    const { path, bytes } = await createFileWithFreePages();
    expect(await inspect(path)).toEqual({ format: 1, entries: 83, isComplete: true });
    const page = freeListIn(bytes);
    await writeFile(path, bytes.fill(0xff, page, page + PAGE_BYTES));
    expect(await inspect(path)).toMatchObject({ problem: expect.any(String) as string, isComplete: false });
  },
);

it.each([
  ["more", -1n],
  ["fewer", 1n],
])("finds a database that has %s entries than it says", async (_what, difference) => {
  const { path } = await createFile();
  const bytes = await readFile(path);
  const name = Buffer.from("bans-by-number\0");
  let changed = 0;
  for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1)) {
    const countAt = at + name.length + ENTRIES_AT;
    const count = bytes.readBigUInt64LE(countAt);
    if (count !== 20n) continue;
    bytes.writeBigUInt64LE(count + difference, countAt);
    changed++;
  }
  expect(changed).toBeGreaterThan(0);
  await writeFile(path, bytes);
  expect(await inspect(path)).toMatchObject({ problem: "entries of bans-by-number", isComplete: false });
});

it("explains a file that became empty, or was deleted, while the server ran", async () => {
  const { folder, path } = await createFile();
  expect(await problemIn(folder)).toBeUndefined();
  await truncate(path, 0);
  expect(await problemIn(folder)).toBe(DAMAGED);
  await rm(path);
  expect(await problemIn(folder)).toBe("ENOENT");
});
