import type { Cluster, Redis } from "ioredis";
import { objects } from "../../src/adapters/redis/objects.js";

/** The fields of the object under a key, such as `satoshigle:{realm}:session:id`. */
function fieldsOf(key: string): readonly string[] {
  const kind = /\}:(\w+)/.exec(key)?.[1] ?? "";
  if (!(kind in objects)) throw new Error(`${key} is not the key of an object`);
  return objects[kind as keyof typeof objects];
}

/** An object that the scripts of a realm packed in one string; undefined if there is none. */
export async function unpacked(client: Redis | Cluster, key: string): Promise<Record<string, unknown> | undefined> {
  const lua = `
    local stored, object = redis.call("GET", KEYS[1]), {}
    if not stored then return nil end
    local values = { cmsgpack.unpack(stored) }
    for index, name in ipairs(ARGV) do object[name] = values[index] end
    return cjson.encode(object)`;
  const json = (await client.eval(lua, 1, key, ...fieldsOf(key))) as string | null;
  return json === null ? undefined : (JSON.parse(json) as Record<string, unknown>);
}

/** Sets a field of such an object. */
export async function setPacked(client: Redis | Cluster, key: string, name: string, value: string): Promise<void> {
  const fields = fieldsOf(key);
  const lua = `
    local values = { cmsgpack.unpack(redis.call("GET", KEYS[1])) }
    values[tonumber(ARGV[1])] = ARGV[2]
    redis.call("SET", KEYS[1], cmsgpack.pack(unpack(values, 1, tonumber(ARGV[3]))))`;
  await client.eval(lua, 1, key, fields.indexOf(name) + 1, value, fields.length);
}
