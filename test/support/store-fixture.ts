import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LmdbActions } from "../../src/adapters/lmdb/action-store.js";
import { LmdbEventLog } from "../../src/adapters/lmdb/event-log.js";
import { EventShelf } from "../../src/adapters/lmdb/event-shelf.js";
import { openDatabase } from "../../src/adapters/lmdb/database.js";
import { LmdbChannels } from "../../src/adapters/lmdb/channel-store.js";
import { LmdbCases } from "../../src/adapters/lmdb/case-store.js";
import { LmdbEvidence } from "../../src/adapters/lmdb/evidence-store.js";
import { LmdbRecords } from "../../src/adapters/lmdb/moderation-store.js";
import { LmdbPeople } from "../../src/adapters/lmdb/people.js";
import { LmdbDeposits } from "../../src/adapters/lmdb/deposit-store.js";
import { LmdbWebhooks } from "../../src/adapters/lmdb/webhook-store.js";
import { StoreProcess } from "../../src/adapters/lmdb/store-process.js";
import { LmdbTips } from "../../src/adapters/lmdb/tip-ledger.js";
import { systemClock } from "../../src/adapters/node/clock.js";
import { RedisActions } from "../../src/adapters/redis/action-store.js";
import { RedisDeposits } from "../../src/adapters/redis/deposit-store.js";
import { RedisEventLog } from "../../src/adapters/redis/event-log.js";
import { RedisCommitments } from "../../src/adapters/redis/commitment-book.js";
import { RedisChannels } from "../../src/adapters/redis/channel-store.js";
import { RedisCases } from "../../src/adapters/redis/case-store.js";
import { RedisEvidence } from "../../src/adapters/redis/evidence-store.js";
import { RedisQuotas } from "../../src/adapters/redis/quotas.js";
import { describeStrange, strangeKeys } from "../../src/adapters/redis/preflight.js";
import { RedisSpent } from "../../src/adapters/redis/spent-store.js";
import { RedisRecords } from "../../src/adapters/redis/moderation-store.js";
import { RedisPeople } from "../../src/adapters/redis/people.js";
import { ScriptRunner } from "../../src/adapters/redis/script-runner.js";
import { RedisWebhooks } from "../../src/adapters/redis/webhook-store.js";
import { RedisTips } from "../../src/adapters/redis/tip-ledger.js";
import type { ActionStore } from "../../src/ports/action-store.js";
import type { EventLog } from "../../src/ports/event-log.js";
import type { CommitmentBook } from "../../src/ports/commitment-book.js";
import type { EvidenceStore } from "../../src/ports/evidence-store.js";
import type { Quotas } from "../../src/ports/quotas.js";
import type { SpentStore } from "../../src/ports/spent-store.js";
import type { ChannelStore } from "../../src/ports/channel-store.js";
import type { CaseStore } from "../../src/ports/case-store.js";
import type { ModerationStore } from "../../src/ports/moderation-store.js";
import type { PeopleStore } from "../../src/ports/people-store.js";
import type { TipStore } from "../../src/ports/tip-ledger.js";
import type { DepositStore } from "../../src/ports/deposit-store.js";
import type { WebhookStore } from "../../src/ports/webhook-store.js";

/** Open stores. */
export interface OpenStores {
  records: ModerationStore;
  actions: ActionStore;
  cases: CaseStore;
  evidence: EvidenceStore;
  people: PeopleStore;
  tips: TipStore;
  deposits: DepositStore;
  events: EventLog;
  webhooks: WebhookStore;
  channels: ChannelStore;
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
  eventsMax?: number,
): StoreFixture {
  return {
    open: async () => {
      const store = await ScriptRunner.open({ urls, realm, handshakeMs: 20_000, eventsMax }, () => undefined);
      const close = () => closeChecked(store);
      return {
        webhooks: new RedisWebhooks(store),
        channels: new RedisChannels(store),
        ...{
          records: new RedisRecords(store),
          actions: new RedisActions(store),
          cases: new RedisCases(store),
          evidence: new RedisEvidence(store),
          people: new RedisPeople(store),
          tips: new RedisTips(store),
          deposits: new RedisDeposits(store),
          events: new RedisEventLog(store),
        },
        close,
      };
    },
    remove: () => Promise.resolve(),
  };
}

/** Closes a store in whose realm a server could start. One whose Redis was killed cannot be asked. */
export async function closeChecked(store: ScriptRunner): Promise<void> {
  const strange = await strangeKeys(store).catch((error: unknown) => {
    if ((error as Error).name === "ReplyError") throw error; // Redis is there
    return undefined;
  });
  store.close();
  if (strange !== undefined && strange.length > 0) throw new Error(describeStrange(strange));
}

/** Commitments in a new realm in Redis. */
export async function redisCommitments(urls: string[]): Promise<{ book: CommitmentBook; close(): Promise<void> }> {
  const realm = `commitments-${String(process.pid)}-${String(++realms)}`;
  const store = await ScriptRunner.open({ urls, realm, handshakeMs: 20_000 }, () => undefined);
  return { book: new RedisCommitments(store), close: () => closeChecked(store) };
}

/** Quotas in a new realm in Redis. */
export async function redisQuotas(urls: string[]): Promise<{ quotas: Quotas; close(): Promise<void> }> {
  const realm = `quotas-${String(process.pid)}-${String(++realms)}`;
  const store = await ScriptRunner.open({ urls, realm, handshakeMs: 20_000 }, () => undefined);
  return { quotas: new RedisQuotas(store), close: () => closeChecked(store) };
}

/** Used solutions in a new realm in Redis, as two instances see them. */
export async function redisSpent(
  urls: string[],
): Promise<{ stores: [SpentStore, SpentStore]; close(): Promise<void> }> {
  const realm = `spent-${String(process.pid)}-${String(++realms)}`;
  const open = () => ScriptRunner.open({ urls, realm, handshakeMs: 20_000 }, () => undefined);
  const [one, other] = [await open(), await open()];
  const close = () => {
    other.close();
    return closeChecked(one);
  };
  return { stores: [new RedisSpent(one), new RedisSpent(other)], close };
}

/** Stores in a new folder whose databases are opened by a separate process, as in a server. */
export async function storeProcessFixture(maxEvents?: number): Promise<StoreFixture> {
  const fixture = await lmdbFixture();
  const parts = { folder: fixture.folder, maxEvents, claim: undefined, clock: systemClock };
  const ignored = { onTrouble: () => undefined, onRefused: () => undefined };
  return { ...fixture, open: () => StoreProcess.open({ ...parts, ...ignored }) };
}

/** Stores in a new folder. */
export async function lmdbFixture(maxEvents?: number): Promise<StoreFixture & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-lmdb-"));
  return {
    folder,
    open: () => Promise.resolve(openStores(folder, maxEvents)),
    remove: () => rm(folder, { recursive: true }),
  };
}

export function openStores(folder: string, maxEvents?: number): OpenStores & { events: LmdbEventLog } {
  const root = openDatabase(folder);
  const shelf = new EventShelf(root, maxEvents);
  return {
    ...{
      records: new LmdbRecords(root, shelf),
      actions: new LmdbActions(root, shelf),
      cases: new LmdbCases(root, shelf),
      evidence: new LmdbEvidence(root),
      people: new LmdbPeople(root),
      tips: new LmdbTips(root, shelf),
      deposits: new LmdbDeposits(root),
      events: new LmdbEventLog(root, shelf),
      webhooks: new LmdbWebhooks(root, shelf),
      channels: new LmdbChannels(root),
    },
    close: () => root.close(),
  };
}
