import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import { LmdbRecords } from "../../src/adapters/lmdb/records.js";
import type { Records } from "../../src/ports/records.js";
import { recordsContract } from "./records.js";

async function create(): Promise<Records> {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-records-"));
  const records = new LmdbRecords(folder);
  const close = records.close.bind(records);
  records.close = async () => {
    await close();
    await rm(folder, { recursive: true });
  };
  return records;
}

describe("the records in LMDB", () => recordsContract(create));
