import { busChannel } from "./keys.js";
import { isMissing } from "./libraries.js";
import { replyCode } from "./refusals.js";
import type { ScriptRunner } from "./script-runner.js";

/** The commands that the server and its scripts use, each with the type of its key and arguments that have no lasting effect. */
const commands: [command: string, type: string, ...args: (string | number)[]][] = [
  ["set", "string", "1"],
  ["get", "string"],
  ["incr", "string"],
  ["decrby", "string", 1],
  ["expire", "string", 5],
  ["pexpire", "string", 5000],
  ["pttl", "string"],
  ["exists", "string"],
  ["type", "string"],
  ["hset", "hash", "a", "1"],
  ["hsetnx", "hash", "a", "1"],
  ["hincrby", "hash", "a", 1],
  ["hget", "hash", "a"],
  ["hmget", "hash", "a"],
  ["hgetall", "hash"],
  ["hexists", "hash", "a"],
  ["hlen", "hash"],
  ["hdel", "hash", "a"],
  ["rpush", "list", "a", "b"],
  ["llen", "list"],
  ["lindex", "list", 0],
  ["lrange", "list", 0, 0],
  ["lrem", "list", 1, "b"],
  ["lpop", "list"],
  ["sadd", "set", "a"],
  ["scard", "set"],
  ["sismember", "set", "a"],
  ["smembers", "set"],
  ["srandmember", "set"],
  ["srem", "set", "a"],
  ["sscan", "set", 0],
  ["zadd", "sorted", 1, "a"],
  ["zcard", "sorted"],
  ["zcount", "sorted", "-inf", "+inf"],
  ["zrange", "sorted", 0, 0],
  ["zrangebyscore", "sorted", "-inf", "+inf"],
  ["zrevrange", "sorted", 0, 0],
  ["zrevrangebyscore", "sorted", "+inf", "-inf"],
  ["zrangebylex", "sorted", "-", "+"],
  ["zscore", "sorted", "a"],
  ["zremrangebyscore", "sorted", 0, 0],
  ["zremrangebyrank", "sorted", 5, 5],
  ["zrem", "sorted", "a"],
  ["xadd", "stream", "*", "a", "1"],
  ["xrange", "stream", "-", "+"],
  ["xrevrange", "stream", "+", "-"],
  ["xdel", "stream", "0-1"],
];

/** Tries every command on keys of its own, which it removes. Returns the names of those that are not allowed. */
export async function missingRights(store: ScriptRunner): Promise<string[]> {
  const { client } = store;
  const key = (type: string) => `${store.key}:check:${type}`;
  const denied = new Set<string>();
  const attempt = async (name: string, run: () => Promise<unknown>) => {
    try {
      await run();
    } catch (error) {
      if (replyCode((error as Error).message) !== "NOPERM") throw error;
      denied.add(name);
    }
  };
  for (const [command, type, ...args] of commands) {
    await attempt(command, () => client.call(command, key(type), ...args));
  }
  for (const type of new Set(commands.map(([, type]) => type))) await attempt("del", () => client.del(key(type)));
  await attempt("fcall", () => client.fcall("satoshigle_check", 1, key("script")).catch(unlessUnknown));
  await attempt("function|load", () => client.call("FUNCTION", "LOAD", "#!lua name=1").catch(unlessRefused));
  await attempt("time", () => client.time());
  const channel = busChannel(store.settings.realm, "check");
  await attempt(store.isCluster ? "spublish" : "publish", () =>
    store.isCluster ? client.spublish(channel, "") : client.publish(channel, ""),
  );
  await attempt(store.isCluster ? "ssubscribe" : "subscribe", () => subscribeOnce(store, channel));
  return [...denied];
}

/** A function that Redis does not have may be called. */
function unlessUnknown(error: Error): void {
  if (!isMissing(error)) throw error;
}

/** A library without a function may be loaded, but Redis refuses it. */
function unlessRefused(error: Error): void {
  if (replyCode(error.message) !== "ERR") throw error;
}

async function subscribeOnce(store: ScriptRunner, channel: string): Promise<void> {
  const subscriber = store.connect();
  try {
    await subscriber.connect();
    await (store.isCluster ? subscriber.ssubscribe(channel) : subscriber.subscribe(channel));
  } finally {
    subscriber.disconnect();
  }
}
