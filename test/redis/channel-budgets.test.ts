import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { UNNAMED } from "../../src/core/case.js";
import { ChannelStage, openAct, policy } from "../app/support/channel-stage.js";
import { FakeNode } from "../app/support/fake-node.js";
import { RedisServer } from "../support/redis.js";
import { lmdbFixture, redisFixture } from "../support/store-fixture.js";

const TRIES = 20;

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.close());

/** Two instances on one Redis. */
async function overRedis(node: FakeNode): Promise<ChannelStage[]> {
  const fixture = redisFixture([redis.url]);
  const opened = [await fixture.open(), await fixture.open()];
  onTestFinished(async () => {
    for (const stores of opened) await stores.close();
  });
  return opened.map(({ channels }) => new ChannelStage(channels, node));
}

/** One instance on LMDB, twice as busy. */
async function overLmdb(node: FakeNode): Promise<ChannelStage[]> {
  const fixture = await lmdbFixture();
  const stores = await fixture.open();
  onTestFinished(async () => {
    await stores.close();
    await fixture.remove();
  });
  return [new ChannelStage(stores.channels, node), new ChannelStage(stores.channels, node)];
}

function at(stages: readonly ChannelStage[], index: number): ChannelStage {
  const stage = stages[index % stages.length];
  if (stage === undefined) throw new Error("there is no instance");
  return stage;
}

describe.each([
  ["two instances on one Redis", overRedis],
  ["callers of one instance on LMDB", overLmdb],
])("%s at once", (_what, create) => {
  const race = async (node: FakeNode, changed: Partial<typeof policy>) => {
    const stages = await create(node);
    await at(stages, 0).store.setPolicy({ policy: { ...policy, ...changed }, by: UNNAMED, atMs: 0 });
    const settled = await Promise.allSettled(
      Array.from({ length: TRIES }, (_, index) =>
        at(stages, index).run(openAct(), at(stages, index).id(`race-${String(index)}`)),
      ),
    );
    const rules = settled.flatMap((one) =>
      one.status === "fulfilled" ? [] : [(one.reason as { context: { problem?: string } }).context.problem],
    );
    const used = (await at(stages, 0).store.due("2026-01-31")).used;
    return { done: settled.length - rules.length, rules: [...new Set(rules)], used };
  };

  it("open no more channels than a day allows", async () => {
    const node = new FakeNode();
    const { done, rules, used } = await race(node, { opensPerDay: 7 });
    expect({ done, opened: node.opened.length, used }).toEqual({
      done: 7,
      opened: 7,
      used: { opens: 7, feesSat: 2_100 },
    });
    expect(rules).toEqual(["opens_per_day"]);
  });

  it("spend no more fees than a day allows", async () => {
    const node = new FakeNode();
    const { done, rules, used } = await race(node, { opensPerDay: 100, feesPerDaySat: 1_000 });
    expect({ done, opened: node.opened.length, used }).toEqual({
      done: 3,
      opened: 3,
      used: { opens: 3, feesSat: 900 },
    });
    expect(rules).toEqual(["fees_per_day_sat"]);
  });

  it("leave the reserve on the chain", async () => {
    const node = new FakeNode();
    node.confirmedSat = 1_000_000;
    const { done, rules } = await race(node, { opensPerDay: 100, reserveSat: 500_000 });
    expect(done).toBe(node.opened.length);
    expect(done).toBeGreaterThan(0);
    expect(node.confirmedSat).toBeGreaterThanOrEqual(500_000);
    expect(rules).toEqual(["reserve_sat"]);
  });

  it("open one channel for one ID", async () => {
    const node = new FakeNode();
    const stages = await create(node);
    await at(stages, 0).store.setPolicy({ policy, by: UNNAMED, atMs: 0 });
    const id = at(stages, 0).id("one");
    await Promise.all(Array.from({ length: TRIES }, (_, index) => at(stages, index).run(openAct(), id)));
    expect(node.opened).toHaveLength(1);
  });
});
