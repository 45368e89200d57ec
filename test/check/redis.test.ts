import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkRedis } from "../../src/check/redis.js";
import { loadConfig } from "../../src/config.js";
import { RedisServer } from "../support/redis.js";
import { outcomeOf } from "./support.js";

let redis: RedisServer;
let admin: Redis;
beforeAll(async () => {
  redis = await RedisServer.start("--appendonly", "yes");
  admin = new Redis(redis.url);
});
afterAll(async () => {
  admin.disconnect();
  await redis.close();
});

const using = (url: string) => ({ REDIS_ENABLED: "true", REDIS_URL: url });

async function userWith(...rights: string[]): Promise<string> {
  await admin.acl("SETUSER", "limited", "reset", "on", ">secret", ...rights);
  return redis.url.replace("//", "//limited:secret@");
}

/** The least that the documentation asks for. */
const LEAST = "~satoshigle:* &satoshigle:* +@read +@write +@pubsub +@scripting +@connection +time -@dangerous +info";

it("finds nothing wrong with a Redis as documented, and leaves nothing behind", async () => {
  const { on } = await outcomeOf(using(await userWith(...LEAST.split(" "))));
  expect(on("redis", "fail")).toEqual([]);
  expect(on("redis", "warn")).toEqual([]);
  expect(on("redis")).toContain("ok the user of REDIS_URL has all rights that are needed");
  expect(on("clock")).toContain("ok the clock of this machine matches that of Redis");
  expect(await admin.keys("*")).toEqual([]);
});

describe("fails, with what to do,", () => {
  it("when rights are missing, and names each", async () => {
    const { on, exitCode } = await outcomeOf(using(await userWith(...LEAST.split(" "), "-zadd", "-fcall", "-publish")));
    expect(on("redis", "fail")).toEqual([
      expect.stringMatching(/^fail the user of REDIS_URL may not call zadd, fcall, publish → .*ACL SETUSER/),
    ]);
    expect(exitCode).toBe(1);
  });

  it("when its channels are not allowed", async () => {
    const { on } = await outcomeOf(
      using(await userWith(...LEAST.replace("&satoshigle:*", "resetchannels").split(" "))),
    );
    expect(on("redis", "fail")).toEqual([expect.stringMatching(/may not call publish, subscribe →/)]);
  });

  it("when the password is wrong", async () => {
    await userWith("+@all");
    const { on } = await outcomeOf(using(redis.url.replace("//", "//limited:wrong@")));
    expect(on("redis").join()).toMatch(/^fail .*(WRONGPASS|password)/);
    expect(on("redis").join()).not.toContain("wrong@");
  });

  it("when nothing listens", async () => {
    const { on } = await outcomeOf(using("redis://127.0.0.1:9"));
    expect(on("redis")).toEqual([
      expect.stringMatching(/^fail Redis cannot be reached at 127\.0\.0\.1:9 .* → check REDIS_URL/),
    ]);
  });

  it("when it evicts keys", async () => {
    await admin.config("SET", "maxmemory-policy", "allkeys-lru");
    const { on } = await outcomeOf(using(redis.url));
    await admin.config("SET", "maxmemory-policy", "noeviction");
    expect(on("redis", "fail")).toEqual([expect.stringContaining("Redis evicts keys (maxmemory-policy allkeys-lru)")]);
  });

  it("when another program uses the keys of the realm", async () => {
    await admin.set("satoshigle:{taken}:bans", "1");
    const { on } = await outcomeOf({ ...using(redis.url), REALM: "taken" });
    expect(on("redis", "fail")).toEqual([expect.stringContaining("satoshigle:{taken}:bans (string)")]);
    await admin.del("satoshigle:{taken}:bans");
  });

  it("when it is a replica", async () => {
    const replica = await RedisServer.start(
      "--replicaof",
      "127.0.0.1",
      String(redis.port),
      "--replica-read-only",
      "no",
    );
    const { on } = await outcomeOf(using(replica.url));
    await replica.close();
    expect(on("redis", "fail")).toContain("fail it is a read-only replica → REDIS_URL must name the primary");
  });
});

describe("warns", () => {
  it("when a restart of Redis would lose the records", async () => {
    await admin.config("SET", "appendonly", "no");
    const { on } = await outcomeOf(using(redis.url));
    await admin.config("SET", "appendonly", "yes");
    expect(on("redis", "warn")).toContainEqual(
      expect.stringMatching(/^warn appendonly is off: .* → set appendonly yes/),
    ); // a busy machine may also be slow
  });

  it("when its memory is nearly full", async () => {
    const used = /^used_memory:(\d+)/m.exec(await admin.info("memory"))?.[1];
    await admin.config("SET", "maxmemory", String(Number(used) + 50_000));
    const { on } = await outcomeOf(using(redis.url));
    await admin.config("SET", "maxmemory", "0");
    expect(on("redis").join()).toMatch(/warn \d+ % of maxmemory are in use → raise maxmemory|OOM|maxmemory/);
  });

  it("when the clock of this machine differs from that of Redis", async () => {
    const config = loadConfig({ ...using(redis.url), SESSION_SECRET: "s".repeat(32) });
    for (const [aheadMs, words] of [
      [60_000, "60.0 s ahead of"],
      [-60_000, "60.0 s behind"],
    ] as const) {
      const findings = await checkRedis(config, () => Date.now() + aheadMs);
      expect(findings.filter(({ level }) => level === "warn")).toEqual([
        expect.objectContaining({ subject: "clock", text: `the clock of this machine is ${words} that of Redis` }),
      ]);
    }
  });
});
