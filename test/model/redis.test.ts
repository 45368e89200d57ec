import { afterAll, beforeAll, it } from "vitest";
import { RedisServer } from "../support/redis.js";
import { redisStores } from "../support/redis-stores.js";
import { runLobbyModel } from "./lobby-model.js";
import { timing } from "./reference.js";

let redis: RedisServer;

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.close());

it("keeps every invariant through random interleavings in Redis", async () => {
  const seed = Number(process.env.MODEL_SEED ?? 20_261_124);
  const runs = Number(process.env.MODEL_RUNS ?? 40);
  await runLobbyModel(() => redisStores([redis.url], timing.handshakeMs, timing.windowMs), runs, seed);
}, 120_000);
