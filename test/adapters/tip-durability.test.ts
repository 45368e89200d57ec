import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { programNamed } from "../support/build.js";
import { type Lasting, openFolder, redisPlace } from "../support/place.js";
import { RedisServer } from "../support/redis.js";
import { killedAfter } from "./support/killed.js";
import { keepSettling, settledIn } from "./support/tips.js";

const ROUNDS = 50;

/** After how many acknowledgements the axe falls: never at the same point of what is going on. */
const enough = (round: number) => 1 + ((round * 7) % 30);

/** Holds what was acknowledged against what is kept, and the totals against the tips. */
async function check(lasting: Lasting, acknowledged: readonly string[]): Promise<void> {
  const { names, booked, counted } = await settledIn(lasting.tips);
  await lasting.close();
  expect(acknowledged.filter((name) => !names.has(name))).toEqual([]);
  expect(booked).toEqual(counted);
}

it(`loses in LMDB no settled tip when the process is killed, ${String(ROUNDS)} times`, async () => {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-durable-"));
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    acknowledged.push(...(await killedAfter(enough(round), [programNamed("tip-writer"), folder, String(round)])));
    await check(openFolder(folder), acknowledged);
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS);
  await rm(folder, { recursive: true });
});

it(`loses in Redis no settled tip when Redis is killed, ${String(ROUNDS)} times`, async () => {
  const redis = await RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
  const place = redisPlace([redis.url]);
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = acknowledged.length;
    const lasting = await place.open();
    let killing: Promise<void> | undefined;
    const settling = keepSettling(lasting.tips, String(round), (name) => {
      acknowledged.push(name);
      if (acknowledged.length >= before + enough(round)) killing ??= redis.stop("SIGKILL");
    });
    await settling.catch((error: unknown) => {
      if (killing === undefined) throw error; // else Redis is gone, as it should be
    });
    await killing;
    await lasting.close();
    await redis.start();
    await check(await place.open(), acknowledged);
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS);
  await redis.close();
});
