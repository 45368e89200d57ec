import { setTimeout as sleep } from "node:timers/promises";
import { it, onTestFinished, vi } from "vitest";
import { systemClock } from "../../src/adapters/node/clock.js";
import { createClient } from "../../src/adapters/redis/connect.js";
import { ScriptRunner } from "../../src/adapters/redis/script-runner.js";
import { Subscription } from "../../src/adapters/redis/subscription.js";
import { on, RedisCluster } from "../support/redis-cluster.js";
import { RedisServer } from "../support/redis.js";

const CHANNEL = "satoshigle:{renewals}";

async function subscriptionTo(urls: readonly string[]) {
  const store = await ScriptRunner.open({ urls, realm: "renewals", handshakeMs: 20_000 }, () => undefined);
  const heard = new Set<string>();
  const onMessage = (message: string) => heard.add(message);
  const subscription = new Subscription(store, CHANNEL, systemClock, { onMessage, onGap: () => undefined });
  onTestFinished(() => {
    subscription.close();
    store.close();
  });
  await subscription.open();
  return { subscription, heard };
}

it("receives messages in a Cluster after renewals while its server was frozen and a replica took over", async () => {
  const cluster = await RedisCluster.start();
  onTestFinished(() => cluster.close());
  const { subscription, heard } = await subscriptionTo(cluster.urls);
  const owner = await cluster.ownerOf(CHANNEL);
  const replica = await cluster.replicaOf(owner);
  owner.signal("SIGSTOP");
  onTestFinished(() => {
    owner.signal("SIGCONT");
  });
  const isPrimary = async () => (await on(replica, (client) => client.role()))[0] === "master";
  while (!(await isPrimary())) {
    subscription.renew();
    await sleep(200);
  }
  const publish = () => on(replica, (client) => client.call("SPUBLISH", CHANNEL, "heard"));
  for (let time = 0; time < 10 && !heard.has("heard"); time++) {
    subscription.renew();
    await vi.waitUntil(async () => (await publish()) === 1, 3_000).catch(() => undefined);
  }
  await vi.waitUntil(() => heard.has("heard"));
});

it("receives messages of a single server again after replacements in a row, through one subscription", async () => {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.close());
  const { subscription, heard } = await subscriptionTo([redis.url]);
  const publisher = createClient([redis.url]);
  onTestFinished(() => {
    publisher.disconnect();
  });
  await publisher.connect();
  for (let round = 0; round < 12; round++) {
    for (const pauseMs of [0, 1, 3]) {
      subscription.renew();
      await sleep(pauseMs);
    }
    await vi.waitUntil(
      async () => (await publisher.publish(CHANNEL, String(round))) === 1 && heard.has(String(round)),
      15_000,
    );
  }
});
