import type { Cluster, Redis } from "ioredis";

/** An object that the scripts of a realm packed in one string; undefined if there is none. */
export async function unpacked(client: Redis | Cluster, key: string): Promise<Record<string, unknown> | undefined> {
  const lua = "local packed = redis.call('GET', KEYS[1]) return packed and cjson.encode(cmsgpack.unpack(packed))";
  const json = (await client.eval(lua, 1, key)) as string | null;
  return json === null ? undefined : (JSON.parse(json) as Record<string, unknown>);
}

/** Sets a field of such an object. */
export async function setPacked(client: Redis | Cluster, key: string, name: string, value: string): Promise<void> {
  const lua =
    "local object = cmsgpack.unpack(redis.call('GET', KEYS[1])) object[ARGV[1]] = ARGV[2] " +
    "redis.call('SET', KEYS[1], cmsgpack.pack(object))";
  await client.eval(lua, 1, key, name, value);
}
