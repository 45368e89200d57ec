import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../src/adapters/lmdb/database.js";
import { LmdbRecords } from "../../src/adapters/lmdb/moderation-store.js";
import { LmdbPeople } from "../../src/adapters/lmdb/people.js";
import { StoreProcess } from "../../src/adapters/lmdb/store-process.js";
import { LmdbTips } from "../../src/adapters/lmdb/tip-ledger.js";
import { systemClock } from "../../src/adapters/node/clock.js";
import { RedisQuotas } from "../../src/adapters/redis/quotas.js";
import { RedisRecords } from "../../src/adapters/redis/moderation-store.js";
import { RedisPeople } from "../../src/adapters/redis/people.js";
import { ScriptRunner } from "../../src/adapters/redis/script-runner.js";
import { RedisTips } from "../../src/adapters/redis/tip-ledger.js";
import type { Quotas } from "../../src/ports/quotas.js";
import type { ModerationStore } from "../../src/ports/moderation-store.js";
import type { PeopleStore } from "../../src/ports/people-store.js";
import type { TipStore } from "../../src/ports/tip-ledger.js";

/** Open stores. */
export interface OpenStores {
  records: ModerationStore;
  people: PeopleStore;
  tips: TipStore;
  close(): Promise<void>;
}

/** Persistent stores: new and empty at first, and with the same content each time they are opened. */
export interface StoreFixture {
  open(): Promise<OpenStores>;
  remove(): Promise<void>;
}

let realms = 0;

/** Stores in a Redis realm, a new one by default. */
export function redisFixture(
  urls: string[],
  realm = `fixture-${String(process.pid)}-${String(++realms)}`,
): StoreFixture {
  return {
    open: async () => {
      const store = await ScriptRunner.open({ urls, realm, handshakeMs: 20_000 }, () => undefined);
      const close = () => {
        store.close();
        return Promise.resolve();
      };
      return { records: new RedisRecords(store), people: new RedisPeople(store), tips: new RedisTips(store), close };
    },
    remove: () => Promise.resolve(),
  };
}

/** Quotas in a new realm in Redis. */
export async function redisQuotas(urls: string[]): Promise<{ quotas: Quotas; close(): Promise<void> }> {
  const realm = `quotas-${String(process.pid)}-${String(++realms)}`;
  const store = await ScriptRunner.open({ urls, realm, handshakeMs: 20_000 }, () => undefined);
  const close = () => {
    store.close();
    return Promise.resolve();
  };
  return { quotas: new RedisQuotas(store), close };
}

/** Stores in a new folder whose databases are opened by a separate process, as in a server. */
export async function storeProcessFixture(): Promise<StoreFixture> {
  const fixture = await lmdbFixture();
  const parts = { folder: fixture.folder, claim: undefined, clock: systemClock };
  const ignored = { onTrouble: () => undefined, onRefused: () => undefined };
  return { ...fixture, open: () => StoreProcess.open({ ...parts, ...ignored }) };
}

/** Stores in a new folder. */
export async function lmdbFixture(): Promise<StoreFixture & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-lmdb-"));
  return {
    folder,
    open: () => Promise.resolve(openStores(folder)),
    remove: () => rm(folder, { recursive: true }),
  };
}

export function openStores(folder: string): OpenStores {
  const root = openDatabase(folder);
  return {
    records: new LmdbRecords(root),
    people: new LmdbPeople(root),
    tips: new LmdbTips(root),
    close: () => root.close(),
  };
}
