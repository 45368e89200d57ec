import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { CaseFilter } from "../../src/core/case.js";
import { limits } from "../../src/core/limits.js";
import type { CaseStore } from "../../src/ports/case-store.js";
import { fillQueue, filters, queueOn, type Size } from "../support/queue-of-cases.js";
import { RedisServer } from "../support/redis.js";
import { lmdbFixture, type OpenStores, redisFixture, type StoreFixture } from "../support/store-fixture.js";

/** The larger queue has ten reports in each case with QUEUE_REPORTS=100000. */
const REPORTS = Number(process.env.QUEUE_REPORTS ?? 15_000);
const FEW: Size = { cases: 1_500, reports: 1_500 };
const MANY: Size = { cases: 10_000, reports: REPORTS };
const PAGE = 25;
/** How many more records may be read of the larger queue: which ones come first differs. */
const TOLERANCE = 1.5;
/** This filter has no queue of its own: it skips the moderator's other cases, up to `limits.caseVisits`. */
const SKIPPING = "a moderator, a reason";
const TIMEOUT_MS = 300_000;

let redis: RedisServer;
let admin: Redis;
beforeAll(async () => {
  redis = await RedisServer.start();
  admin = new Redis(redis.url);
});
afterAll(async () => {
  admin.disconnect();
  await redis.close();
});

/** Opens stores with such a queue, which are removed with the test. */
async function filled(fixture: StoreFixture, size: Size): Promise<OpenStores> {
  const stores = await fixture.open();
  onTestFinished(async () => {
    await stores.close();
    await fixture.remove();
  });
  await fillQueue(stores, size);
  return stores;
}

/** How many cases a store returned for the first page. */
async function casesFor(store: CaseStore, filter: CaseFilter): Promise<number> {
  let count = 0;
  const casesIn: CaseStore["casesIn"] = async (...args) => {
    const found = await store.casesIn(...args);
    count += found.length;
    return found;
  };
  const get = (of: CaseStore, name: keyof CaseStore) => (name === "casesIn" ? casesIn : of[name].bind(of));
  const { items } = await queueOn(new Proxy(store, { get })).list(filter, PAGE);
  expect(items.length).toBeGreaterThan(0);
  return count;
}

/** How many commands Redis ran for the first page, in scripts or not. */
async function commandsFor(store: CaseStore, filter: CaseFilter): Promise<number> {
  const commands = async () => {
    const stats = await admin.info("commandstats");
    return [...stats.matchAll(/:calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
  };
  const before = await commands();
  await queueOn(store).list(filter, PAGE);
  return (await commands()) - before - 1;
}

const kinds: [name: string, create: () => Promise<StoreFixture>, costOf: typeof casesFor][] = [
  ["LMDB", () => lmdbFixture(), casesFor],
  ["Redis", () => Promise.resolve(redisFixture([redis.url])), commandsFor],
];

describe.each(kinds)("the queue of cases in %s", (_name, create, costOf) => {
  it(
    "is read no further for the first page of 10,000 cases than for that of fewer, with each filter",
    async () => {
      const [few, many] = [await filled(await create(), FEW), await filled(await create(), MANY)];
      for (const [name, filter] of filters) {
        const [ofFew, ofMany] = [await costOf(few.cases, filter), await costOf(many.cases, filter)];
        if (name === SKIPPING) expect(ofMany, `for ${name}`).toBeLessThanOrEqual(limits.caseVisits);
        else expect(ofMany, `for ${name}`).toBeLessThanOrEqual(TOLERANCE * ofFew + 1);
      }
      expect(await costOf(many.cases, {}), "for no filter").toBeLessThan(2 * PAGE);
    },
    TIMEOUT_MS,
  );
});
