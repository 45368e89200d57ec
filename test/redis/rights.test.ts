import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pair, roomy } from "../support/pair.js";
import { transportTo } from "../support/test-client.js";
import { RedisServer } from "../support/redis.js";
import { startServer } from "../support/server.js";

let redis: RedisServer;
let admin: Redis;
beforeAll(async () => {
  redis = await RedisServer.start();
  admin = new Redis(redis.url);
});
afterAll(async () => {
  admin.disconnect();
  await redis.close();
});

/** Variables of a server whose Redis user has these permissions, and a password that must be percent-encoded. */
async function variablesFor(rights: string[]): Promise<Record<string, string>> {
  await admin.acl("SETUSER", "limited", "reset", "on", ">p#a/ss,w@rd", ...rights);
  const REDIS_URL = redis.url.replace("//", `//limited:${encodeURIComponent("p#a/ss,w@rd")}@`);
  return { ...roomy, REDIS_ENABLED: "true", REDIS_URL, SESSION_SECRET: "s".repeat(32) };
}

/** The documented minimum. */
const LEAST = "~satoshigle:* &satoshigle:* +@read +@write +@pubsub +@scripting +@connection +time -@dangerous +info";

it.each([["+@all -@dangerous +info ~* &*"], [LEAST]])("works with the permissions %s", async (rights) => {
  await admin.call("ACL", "LOG", "RESET");
  const server = await startServer(await variablesFor(rights.split(" ")));
  const { offerer, answerer } = await pair(transportTo(server.url));
  await Promise.all([offerer.break(), answerer.break()]);
  await server.close();
  const denied = (await admin.call("ACL", "LOG")) as unknown[];
  expect(JSON.stringify(denied)).not.toMatch(/"object","(?!config\|get")/);
});

it("does not start without INFO, and names the missing permission", async () => {
  const variables = await variablesFor("+@all -@dangerous ~* &*".split(" "));
  await expect(startServer(variables)).rejects.toThrow("add +info to its rights");
});
