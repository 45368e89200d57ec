import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Moderator } from "../../../src/core/case.js";
import type { AddressKey } from "../../../src/core/ids.js";
import { HANDSHAKE_MS, WINDOW_MS } from "../../contract/lobby-harness.js";
import { Travel } from "../../contract/overflow/travel.js";
import { TwoRealms } from "../../contract/two-realms.js";
import { RedisServer } from "../../support/redis.js";
import { redisStores } from "../../support/redis-stores.js";
import { type OpenStores, redisFixture } from "../../support/store-fixture.js";

const mo = "mo" as Moderator;

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.close());

let realms: TwoRealms;
let travel: Travel;
let records: { home: OpenStores; abroad: OpenStores };
beforeEach(async () => {
  const urls = [redis.url];
  const [home, abroad] = ["home", "abroad"].map((side) => `${side}-${String(Math.random()).slice(2)}`) as [
    string,
    string,
  ];
  realms = new TwoRealms({
    home: await redisStores(urls, HANDSHAKE_MS, WINDOW_MS, { realm: home }),
    abroad: await redisStores(urls, HANDSHAKE_MS, WINDOW_MS, { realm: abroad }),
  });
  records = { home: await redisFixture(urls, home).open(), abroad: await redisFixture(urls, abroad).open() };
  travel = new Travel(realms);
  await realms.abroad.enter("bob");
  await realms.abroad.match("bob");
  await travel.wait("ann");
});
afterEach(async () => {
  await records.home.close();
  await records.abroad.close();
  await realms.close();
});

/** Bans the network of a person in one realm, for a minute from its clock's time. */
async function ban(name: string, side: "home" | "abroad"): Promise<AddressKey> {
  const { nowMs } = realms[side];
  const addressKey = `net-${name}` as AddressKey;
  const times = { createdMs: nowMs, expiresMs: nowMs + 60_000 };
  await records[side].records.putBan({ addressKey, reason: "spam", automatic: false, ...times }, mo);
  return addressKey;
}

it("a person whom the other realm has banned finds nobody there, and waits on at home", async () => {
  await ban("ann", "abroad");
  const reservation = await travel.reserveOne();
  expect(await travel.visit(reservation)).toEqual({ state: "nobody" });
  await travel.release(reservation);
  expect(await realms.home.stores.lobby.count()).toEqual({ sessions: 1, waiting: 1, matches: 0 });
  expect(await realms.abroad.stores.lobby.count()).toEqual({ sessions: 1, waiting: 1, matches: 0 });
});

it("a person found in the other realm whom the own one has banned does not come", async () => {
  await ban("bob", "home");
  const reservation = await travel.reserveOne();
  const hosted = await travel.find(reservation);
  expect(await travel.receive(reservation, hosted)).toEqual({ state: "lapsed" });
  expect(await realms.home.stores.lobby.count()).toMatchObject({ sessions: 1, matches: 0 });
});

it("a lifted ban, and one of the other realm's own people, changes nothing", async () => {
  const addressKey = await ban("ann", "abroad");
  await records.abroad.records.liftBan(addressKey, realms.abroad.nowMs, mo);
  await ban("ann", "home");
  const reservation = await travel.reserveOne();
  const hosted = await travel.find(reservation);
  expect(await travel.receive(reservation, hosted)).toMatchObject({ state: "staying" });
});
