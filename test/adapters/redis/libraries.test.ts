import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RedisLobby } from "../../../src/adapters/redis/lobby.js";
import { ScriptRunner } from "../../../src/adapters/redis/script-runner.js";
import { RedisServer } from "../../support/redis.js";

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

/** A store of an instance; another deadline makes another library, as another version does. */
async function instanceWith(handshakeMs: number): Promise<{ store: ScriptRunner; lobby: RedisLobby }> {
  const store = await ScriptRunner.open({ urls: [redis.url], realm: "libraries", handshakeMs }, () => undefined);
  return { store, lobby: new RedisLobby(store, "node", 60_000, () => true) };
}

async function libraries(): Promise<string[]> {
  const listed = (await admin.function("LIST")) as string[][];
  return listed.map(([, name = ""]) => name);
}

it("an instance deletes the libraries of other versions, which load theirs again and go on", async () => {
  const [former, present] = [await instanceWith(20_000), await instanceWith(30_000)];
  const both = await libraries();
  await present.store.libraries.dropOthers();
  expect((await libraries()).length).toBeLessThan(both.length);
  const counts = Array.from({ length: 20 }, () => former.lobby.count());
  await expect(Promise.all(counts)).resolves.toHaveLength(20);
  expect((await libraries()).sort()).toEqual(both.sort());
  former.store.close();
  present.store.close();
});

it("an instance deletes no library of another program", async () => {
  const { store } = await instanceWith(20_000);
  const other = "#!lua name=other\nredis.register_function('other', function() return 1 end)";
  await admin.function("LOAD", other);
  await store.libraries.dropOthers();
  expect(await libraries()).toContain("other");
  store.close();
});

it("realms on one server do not see each other's sessions through the library that they share", async () => {
  const stores = await Promise.all(
    ["one", "other"].map((realm) => {
      return ScriptRunner.open({ urls: [redis.url], realm, handshakeMs: 20_000 }, () => undefined);
    }),
  );
  const [one, other] = stores.map((store) => new RedisLobby(store, "node", 60_000, () => true));
  const session = { sessionId: "a", epoch: "e", addressKey: "n", nowMs: 1, maxSessions: 9, quotas: [] } as never;
  await one?.open(session);
  expect(await one?.count()).toMatchObject({ sessions: 1 });
  expect(await other?.count()).toMatchObject({ sessions: 0 });
  for (const store of stores) store.close();
});
