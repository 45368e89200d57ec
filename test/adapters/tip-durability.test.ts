import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { programNamed } from "../support/build.js";
import { type OpenStores, openStores, redisFixture } from "../support/store-fixture.js";
import { RedisServer } from "../support/redis.js";
import { killedAfter } from "./support/killed.js";
import { keepSettling, settledIn } from "./support/tips.js";

const ROUNDS = 50;

/** After how many acknowledgements the process is killed, so that it is never at the same point. */
const enough = (round: number) => 1 + ((round * 7) % 30);

/** Compares what was acknowledged with what is stored, and the totals with the tips. */
async function check(stores: OpenStores, acknowledged: readonly string[]): Promise<void> {
  const { names, booked, counted } = await settledIn(stores.tips);
  await stores.close();
  expect(acknowledged.filter((name) => !names.has(name))).toEqual([]);
  expect(booked).toEqual(counted);
}

it(`LMDB loses no settled tip when the process is killed, ${String(ROUNDS)} times`, async () => {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-durable-"));
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    acknowledged.push(...(await killedAfter(enough(round), [programNamed("tip-writer"), folder, String(round)])));
    await check(openStores(folder), acknowledged);
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS);
  await rm(folder, { recursive: true });
});

it(`Redis loses no settled tip when it is killed, ${String(ROUNDS)} times`, async () => {
  const redis = await RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
  const fixture = redisFixture([redis.url]);
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = acknowledged.length;
    const stores = await fixture.open();
    let killing: Promise<void> | undefined;
    const settling = keepSettling(stores.tips, String(round), (name) => {
      acknowledged.push(name);
      if (acknowledged.length >= before + enough(round)) killing ??= redis.stop("SIGKILL");
    });
    await settling.catch((error: unknown) => {
      if (killing === undefined) throw error; // otherwise Redis was killed
    });
    await killing;
    await stores.close();
    await redis.start();
    await check(await fixture.open(), acknowledged);
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS);
  await redis.close();
});
