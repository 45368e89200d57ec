import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { expect, it } from "vitest";
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

/** The writer as one file of JavaScript: fifty processes start sooner without a compiler in each. */
async function buildWriter(folder: string): Promise<string> {
  const ssr = fileURLToPath(new URL("support/tip-writer.ts", import.meta.url));
  await build({ configFile: false, logLevel: "error", build: { ssr, outDir: folder, emptyOutDir: false } });
  await symlink(resolve("node_modules"), join(folder, "node_modules"));
  return join(folder, "tip-writer.js");
}

it(`loses in LMDB no settled tip when the process is killed, ${String(ROUNDS)} times`, async () => {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-durable-"));
  const writer = await buildWriter(folder);
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    acknowledged.push(...(await killedAfter(enough(round), [writer, folder, String(round)])));
    await check(openFolder(folder), acknowledged);
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS);
  await rm(folder, { recursive: true });
}, 120_000);

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
}, 120_000);
