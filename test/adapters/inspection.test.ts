import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { inspect } from "../../src/adapters/lmdb/inspection.js";
import { openStores } from "../support/store-fixture.js";

const PAGE_BYTES = 4_096;
/** Offsets in LMDB's two meta pages: the transaction number, and the root of the list of free pages. */
const [TRANSACTION_AT, FREE_LIST_AT] = [152, 88];

it("finds damage in the list of free pages, which reads do not notice and the first write would crash on", async () => {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-inspection-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const stores = openStores(folder);
  const ban = { reason: "x".repeat(500), automatic: false, createdMs: Date.now(), expiresMs: Date.now() + 1e9 };
  for (let index = 0; index < 20; index++)
    await stores.records.putBan({ addressKey: `key ${String(index)}` as never, ...ban });
  await stores.close();
  const path = join(folder, "records.lmdb");
  expect(await inspect(path)).toEqual({ format: 1, entries: 41, isComplete: true });
  const bytes = await readFile(path);
  const transaction = (at: number) => bytes.readBigUInt64LE(at + TRANSACTION_AT);
  const newest = transaction(0) > transaction(PAGE_BYTES) ? 0 : PAGE_BYTES;
  const page = Number(bytes.readBigUInt64LE(newest + FREE_LIST_AT)) * PAGE_BYTES;
  await writeFile(path, bytes.fill(0xff, page, page + PAGE_BYTES));
  expect(await inspect(path)).toMatchObject({ problem: expect.any(String) as string, isComplete: false });
});
