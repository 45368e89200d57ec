import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { inspect } from "../../src/adapters/lmdb/inspection.js";
import { openFolder } from "../support/place.js";

const PAGE_BYTES = 4_096;
/** Where a page of LMDB itself, of which there are two, says which is newer, and where the list of free pages is. */
const [TRANSACTION_AT, FREE_LIST_AT] = [152, 88];

it("finds damage among the free pages, which no entry shows and the first change would end the process for", async () => {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-inspection-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const lasting = openFolder(folder);
  const ban = { reason: "x".repeat(500), automatic: false, createdMs: Date.now(), expiresMs: Date.now() + 1e9 };
  for (let index = 0; index < 20; index++)
    await lasting.records.putBan({ addressKey: `key ${String(index)}` as never, ...ban });
  await lasting.close();
  const path = join(folder, "records.lmdb");
  expect(await inspect(path)).toEqual({ entries: 41, isComplete: true });
  const bytes = await readFile(path);
  const transaction = (at: number) => bytes.readBigUInt64LE(at + TRANSACTION_AT);
  const newest = transaction(0) > transaction(PAGE_BYTES) ? 0 : PAGE_BYTES;
  const page = Number(bytes.readBigUInt64LE(newest + FREE_LIST_AT)) * PAGE_BYTES;
  await writeFile(path, bytes.fill(0xff, page, page + PAGE_BYTES));
  expect(await inspect(path)).toMatchObject({ problem: expect.any(String) as string, isComplete: false });
});
