import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { programNamed } from "../support/build.js";
import { RedisServer } from "../support/redis.js";
import { openFolder, redisPlace } from "../support/place.js";
import { killedAfter } from "./support/killed.js";
import { keepWriting, kept } from "./support/reports.js";

const ROUNDS = 20;

/** After how many acknowledgements the axe falls: never at the same point of what is going on. */
const enough = (round: number) => 1 + round * 3;

it(`keeps in LMDB all that was acknowledged before the process is killed, ${String(ROUNDS)} times`, async () => {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-durable-"));
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    acknowledged.push(...(await killedAfter(enough(round), [programNamed("lmdb-writer"), folder, String(round)])));
    const lasting = openFolder(folder);
    const found = await kept(lasting.records);
    await lasting.close();
    expect(acknowledged.filter((name) => !found.has(name))).toEqual([]);
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS);
  await rm(folder, { recursive: true });
});

it(`keeps in Redis all that was acknowledged before Redis is killed, ${String(ROUNDS)} times`, async () => {
  const redis = await RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
  const place = redisPlace([redis.url]);
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = acknowledged.length;
    const lasting = await place.open();
    await new Promise<void>((resolve) => {
      void keepWriting(lasting.records, String(round), (name) => {
        acknowledged.push(name);
        if (acknowledged.length === before + enough(round)) void redis.stop("SIGKILL").then(resolve);
      }).catch(() => undefined); // Redis is gone, as it should be
    });
    await lasting.close();
    await redis.start();
    const again = await place.open();
    const found = await kept(again.records);
    await again.close();
    expect(acknowledged.filter((name) => !found.has(name))).toEqual([]);
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS);
  await redis.close();
});
