import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { programNamed } from "../support/build.js";
import { RedisServer } from "../support/redis.js";
import { openStores, redisFixture } from "../support/store-fixture.js";
import { killedAfter } from "./support/killed.js";
import { keepWriting, kept } from "./support/reports.js";

const ROUNDS = 20;

/** After how many acknowledgements the process is killed, so that it is never at the same point. */
const enough = (round: number) => 1 + round * 3;

it(`LMDB keeps everything acknowledged before the process is killed, ${String(ROUNDS)} times`, async () => {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-durable-"));
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    acknowledged.push(...(await killedAfter(enough(round), [programNamed("lmdb-writer"), folder, String(round)])));
    const stores = openStores(folder);
    const found = await kept(stores.records);
    await stores.close();
    expect(acknowledged.filter((name) => !found.has(name))).toEqual([]);
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS);
  await rm(folder, { recursive: true });
});

it(`Redis keeps everything acknowledged before it is killed, ${String(ROUNDS)} times`, async () => {
  const redis = await RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
  const fixture = redisFixture([redis.url]);
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = acknowledged.length;
    const stores = await fixture.open();
    await new Promise<void>((resolve) => {
      void keepWriting(stores.records, String(round), (name) => {
        acknowledged.push(name);
        if (acknowledged.length === before + enough(round)) void redis.stop("SIGKILL").then(resolve);
      }).catch(() => undefined); // Redis was killed
    });
    await stores.close();
    await redis.start();
    const again = await fixture.open();
    const found = await kept(again.records);
    await again.close();
    expect(acknowledged.filter((name) => !found.has(name))).toEqual([]);
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS);
  await redis.close();
});
