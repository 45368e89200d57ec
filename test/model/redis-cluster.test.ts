import { afterAll, beforeAll, it } from "vitest";
import { RedisCluster } from "../support/redis-cluster.js";
import { redisStores } from "../support/redis-stores.js";
import { runLobbyModel } from "./lobby-model.js";
import { timing } from "./reference.js";

let cluster: RedisCluster;

beforeAll(async () => {
  cluster = await RedisCluster.start(0);
});
afterAll(() => cluster.close());

/** Fewer runs than on a single Redis, as the scripts are the same. */
it("keeps all invariants in a Redis Cluster through random interleavings", async () => {
  const seed = Number(process.env.MODEL_SEED ?? 20_261_126);
  const runs = Number(process.env.MODEL_RUNS ?? 6);
  await runLobbyModel(() => redisStores(cluster.urls, timing.handshakeMs, timing.windowMs), runs, seed);
});
