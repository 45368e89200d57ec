import { type Size, fillQueue, filters, queueOn } from "../support/queue-of-cases.js";
import { redisFixture, storeProcessFixture, type StoreFixture } from "../support/store-fixture.js";
import type { Cases } from "../../src/app/cases.js";
import { type Closer, closing } from "./redis/closing.js";
import { startRedis } from "./redis/meter.js";
import { percentile, ratios, spread } from "./statistics.js";
import { printTable } from "./table.js";

const SIZES: readonly Size[] = [
  { cases: 100, reports: 1_000 },
  { cases: 10_000, reports: 100_000 },
];
const PAGE = 50;
const ROUNDS = 40;

/** The time for the first page of the queue by the number of cases, with each filter, in both kinds of store. */
export async function benchCases(rounds = ROUNDS): Promise<void> {
  await benchStore("LMDB, in its process", rounds, () => storeProcessFixture());
  await benchStore("Redis", rounds, async (later) => redisFixture([(await startRedis(later)).url]));
}

type Later = (closer: Closer) => void;

async function benchStore(
  name: string,
  rounds: number,
  create: (later: Later) => Promise<StoreFixture>,
): Promise<void> {
  await closing(async (later) => {
    const queues: Cases[] = [];
    for (const size of SIZES) {
      const fixture = await create(later);
      later(() => fixture.remove());
      const stores = await fixture.open();
      later(() => stores.close());
      await fillQueue(stores, size);
      queues.push(queueOn(stores.cases));
    }
    const rows = [];
    for (const [filter, wanted] of filters) {
      const times: number[][] = queues.map(() => []);
      for (let round = 0; round <= rounds; round++) {
        for (const [index, queue] of queues.entries()) {
          const beganMs = performance.now();
          await queue.list(wanted, PAGE);
          if (round > 0) times[index]?.push(performance.now() - beganMs); // the first one warms up
        }
      }
      const [few = [], many = []] = times;
      rows.push({
        "first page": filter,
        "100 cases, ms": spread(few, 1),
        "10,000 cases, ms": spread(many, 1),
        "99th percentile, ms": percentile(many, 0.99).toFixed(1),
        ratio: percentile(ratios(many, few), 0.5).toFixed(2),
      });
    }
    printTable(
      `The queue of cases in ${name}: ${String(PAGE)} of 100 with 1,000 reports, and of 10,000 with 100,000`,
      rows,
    );
  });
}
