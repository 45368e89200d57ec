import { afterAll, beforeAll, it } from "vitest";
import { RedisServer } from "../support/redis.js";
import { redisStores } from "../support/redis-stores.js";
import { runLobbyModel } from "./lobby-model.js";
import { narrow, timing } from "./reference.js";
import { schemas } from "./wishes.js";

let redis: RedisServer;

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.close());

const seed = Number(process.env.MODEL_SEED ?? 20_261_124);
const runs = Number(process.env.MODEL_RUNS ?? 40);

it("keeps all invariants in Redis through random interleavings", async () => {
  await runLobbyModel(() => redisStores([redis.url], timing.handshakeMs, timing.windowMs), runs, seed);
});

it("keeps them in Redis with searches that pause after each visit, and soon pairs all compatible sessions", async () => {
  const { bounds, settlesMs } = narrow;
  const create = () => redisStores([redis.url], timing.handshakeMs, timing.windowMs, { search: bounds });
  await runLobbyModel(create, runs / 2, seed, settlesMs);
});

it("keeps them in Redis with random schemas, and pairs whom the reference pairs", async () => {
  const create = () => redisStores([redis.url], timing.handshakeMs, timing.windowMs);
  await runLobbyModel(create, runs / 2, seed, 0, schemas.random);
});
