import { afterAll, beforeAll, it } from "vitest";
import { HANDSHAKE_MS, WINDOW_MS } from "../contract/lobby-harness.js";
import { RedisServer } from "../support/redis.js";
import { redisStores } from "../support/redis-stores.js";
import { runOverflowModel } from "./overflow-model.js";

/** Realms that meet need not share a Redis. */
let servers: RedisServer[] = [];

beforeAll(async () => {
  servers = await Promise.all([RedisServer.start(), RedisServer.start()]);
});
afterAll(() => Promise.all(servers.map((server) => server.close())));

const seed = Number(process.env.MODEL_SEED ?? 20_261_128);
const runs = Number(process.env.MODEL_RUNS ?? 40);

it("keeps all invariants of two realms on two Redis servers", async () => {
  const create = async () => {
    const [eu, us] = await Promise.all(servers.map(({ url }) => redisStores([url], HANDSHAKE_MS, WINDOW_MS)));
    if (eu === undefined || us === undefined) throw new Error("two servers are needed");
    return { stores: { eu, us } };
  };
  await runOverflowModel(create, runs, seed);
});
