import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../src/adapters/lmdb/database.js";
import { LmdbRecords } from "../../src/adapters/lmdb/moderation-store.js";
import { StoreProcess } from "../../src/adapters/lmdb/store-process.js";
import { LmdbTips } from "../../src/adapters/lmdb/tip-ledger.js";
import { systemClock } from "../../src/adapters/node/clock.js";
import { RedisQuotas } from "../../src/adapters/redis/quotas.js";
import { RedisRecords } from "../../src/adapters/redis/moderation-store.js";
import { ScriptRunner } from "../../src/adapters/redis/script-runner.js";
import { RedisTips } from "../../src/adapters/redis/tip-ledger.js";
import type { Quotas } from "../../src/ports/quotas.js";
import type { ModerationStore } from "../../src/ports/moderation-store.js";
import type { TipStore } from "../../src/ports/tip-ledger.js";

/** What is to last, opened. */
export interface Lasting {
  records: ModerationStore;
  tips: TipStore;
  close(): Promise<void>;
}

/** Where something lasts: fresh and empty at first, and the same each time it is opened. */
export interface Place {
  open(): Promise<Lasting>;
  remove(): Promise<void>;
}

let realms = 0;

/** A realm in Redis: a new one, unless it is named. */
export function redisPlace(urls: string[], realm = `place-${String(process.pid)}-${String(++realms)}`): Place {
  return {
    open: async () => {
      const store = await ScriptRunner.open({ urls, realm, handshakeMs: 20_000 }, () => undefined);
      const close = () => {
        store.close();
        return Promise.resolve();
      };
      return { records: new RedisRecords(store), tips: new RedisTips(store), close };
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

/** A new folder whose databases are held by a process of their own, as those of a server are. */
export async function processPlace(): Promise<Place> {
  const place = await lmdbPlace();
  const parts = { folder: place.folder, claim: undefined, clock: systemClock };
  const nobody = { onTrouble: () => undefined, onRefused: () => undefined };
  return { ...place, open: () => StoreProcess.open({ ...parts, ...nobody }) };
}

/** A new folder. */
export async function lmdbPlace(): Promise<Place & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-lmdb-"));
  return {
    folder,
    open: () => Promise.resolve(openFolder(folder)),
    remove: () => rm(folder, { recursive: true }),
  };
}

export function openFolder(folder: string): Lasting {
  const root = openDatabase(folder);
  return { records: new LmdbRecords(root), tips: new LmdbTips(root), close: () => root.close() };
}
