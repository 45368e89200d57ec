import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { on } from "../../support/redis-cluster.js";
import type { RedisServer } from "../../support/redis.js";

/** A failure of Redis for one round. */
export interface Disturbance {
  name: string;
  /** Its weight among all disturbances. */
  weight: number;
  act: (redis: RedisServer, random: () => number) => Promise<void>;
}

/** Most freezes are short; some exceed the timeouts of commands and connections. In milliseconds. */
function howLong(random: () => number): number {
  return random() < 0.88 ? 100 + random() * 300 : 1_000 + random() ** 2 * 4_000;
}

export const disturbances: Disturbance[] = [
  {
    name: "subscribers are disconnected",
    weight: 30,
    act: (redis) => ask(redis, ["CLIENT", "KILL", "TYPE", "pubsub"]),
  },
  { name: "clients are disconnected", weight: 30, act: (redis) => ask(redis, ["CLIENT", "KILL", "TYPE", "normal"]) },
  { name: "it freezes", weight: 16, act: freeze },
  { name: "it disconnects clients and freezes", weight: 8, act: cutOffAndFreeze },
  { name: "it is busy", weight: 8, act: beBusy },
  { name: "it pauses", weight: 8, act: (redis, random) => pauseClients(redis, random, "ALL") },
  { name: "it pauses writes", weight: 8, act: (redis, random) => pauseClients(redis, random, "WRITE") },
  { name: "it restarts", weight: 5, act: (redis) => restart(redis) },
  { name: "it restarts empty", weight: 1, act: restartEmpty },
  { name: "it refuses connections", weight: 4, act: refuse },
];

/** Draws one by weight. */
export function draw(random: () => number): Disturbance {
  let left = random() * disturbances.reduce((sum, { weight }) => sum + weight, 0);
  for (const one of disturbances) if ((left -= one.weight) < 0) return one;
  throw new Error("the number exceeds all weights");
}

/** Sends one command. Redis may be unreachable because of another round. */
async function ask(redis: RedisServer, [command, ...args]: [string, ...string[]]): Promise<void> {
  await on(redis, (client: Redis) => client.call(command, ...args)).catch(() => undefined);
}

async function freeze(redis: RedisServer, random: () => number): Promise<void> {
  redis.signal("SIGSTOP");
  await sleep(howLong(random));
  redis.signal("SIGCONT");
}

/** Freezes Redis after its clients were disconnected, so that they reconnect without an answer. */
async function cutOffAndFreeze(redis: RedisServer, random: () => number): Promise<void> {
  await ask(redis, ["CLIENT", "KILL", "TYPE", random() < 0.5 ? "pubsub" : "normal"]);
  await sleep(random() * 120);
  redis.signal("SIGSTOP");
  await sleep(1_300);
  redis.signal("SIGCONT");
}

async function beBusy(redis: RedisServer, random: () => number): Promise<void> {
  await ask(redis, ["DEBUG", "SLEEP", String(howLong(random) / 1000)]);
}

async function pauseClients(redis: RedisServer, random: () => number, mode: "ALL" | "WRITE"): Promise<void> {
  const pauseMs = Math.round(howLong(random));
  await ask(redis, ["CLIENT", "PAUSE", String(pauseMs), mode]);
  await sleep(pauseMs);
}

async function restart(redis: RedisServer): Promise<void> {
  await redis.stop();
  await redis.start();
}

async function restartEmpty(redis: RedisServer): Promise<void> {
  await redis.stop();
  await redis.forget();
  await redis.start();
}

async function refuse(redis: RedisServer, random: () => number): Promise<void> {
  await redis.stop();
  await sleep(howLong(random));
  await redis.start();
}
