import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { SessionId } from "../../src/core/ids.js";
import { candidate, HANDSHAKE_MS, Stage, WINDOW_MS } from "../contract/stage.js";
import { on, RedisCluster } from "../support/redis-cluster.js";
import { redisStores } from "../support/redis-stores.js";
import { RedisServer } from "../support/redis.js";

/** Waits until Redis is reached again and does what it is asked to. */
async function again(ask: () => Promise<unknown>): Promise<void> {
  const isDone = () =>
    ask().then(
      () => true,
      () => false,
    );
  await vi.waitUntil(isDone, { timeout: 60_000 });
}

/** One or many servers, whose state of now they will come back with. */
class Place {
  readonly stage: Stage;

  private constructor(
    private readonly servers: RedisServer[],
    stores: Awaited<ReturnType<typeof redisStores>>,
  ) {
    this.stage = new Stage(stores);
  }

  static async of(servers: RedisServer[], close: () => Promise<void>): Promise<Place> {
    onTestFinished(close);
    const urls = servers.map(({ url }) => url);
    const stores = await redisStores(urls, HANDSHAKE_MS, WINDOW_MS);
    onTestFinished(() => stores.close());
    return new Place(servers, stores);
  }

  async save(): Promise<void> {
    await Promise.all(this.servers.map((server) => on(server, (client) => client.save())));
  }

  async restore(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
    await Promise.all(this.servers.map((server) => server.start()));
  }

  /** Bob hears of something new under the number of what he heard before, which Redis has forgotten. */
  async useNumbersTwice(): Promise<void> {
    const { stage } = this;
    await stage.enter("ann", "bob");
    const matchId = await stage.couple("ann", "bob");
    await this.save();
    await stage.relay("ann", matchId, 1, candidate("forgotten"));
    expect((await stage.events("bob")).length).toBe(2);
    await this.restore();
    await again(() => stage.relay("ann", matchId, 1, candidate("new")));
  }
}

const places: [string, () => Promise<Place>][] = [
  [
    "one Redis",
    async () => {
      const server = await RedisServer.start();
      return Place.of([server], () => server.close());
    },
  ],
  [
    "a Redis Cluster",
    async () => {
      const cluster = await RedisCluster.start(0);
      return Place.of(cluster.servers, () => cluster.close());
    },
  ],
];

describe.each(places)("%s that came back from a dump", (_name, open) => {
  it("does not resume where its numbers are those of other events, and tells open streams of a gap", async () => {
    const place = await open();
    const { stage } = place;
    await place.useNumbersTwice();
    expect(await stage.read("bob", 2)).toEqual({ state: "gap" });
    const before = stage.attachment("bob");
    const back = await stage.attach("bob", { lastSequence: 2 });
    expect(back).toMatchObject({ resumed: false, snapshot: { state: "matched" } });
    expect(back.epoch).not.toBe(before.epoch);
    expect(await stage.read("bob", back.lastSequence)).toEqual({ state: "events", events: [] });
  });

  it("resumes where what was heard is what Redis knows, under the name of another epoch", async () => {
    const place = await open();
    const { stage } = place;
    await place.useNumbersTwice();
    const before = stage.attachment("bob");
    const back = await stage.attach("bob", { epoch: before.epoch, lastSequence: 1 });
    expect(back).toMatchObject({ resumed: true, lastSequence: 1 });
    expect(back.epoch).not.toBe(before.epoch);
    const mail = await stage.read("bob", 1);
    expect(mail).toMatchObject({ events: [{ sequence: 2, event: { type: "signaled" } }] });
  });

  it("never gives two streams the same generation, though it forgot the first", async () => {
    const place = await open();
    const { stage } = place;
    await stage.enter("ann");
    await place.save();
    const { generation } = await stage.attach("ann", { lastSequence: 0 });
    await place.restore();
    await again(() => stage.attach("ann", { lastSequence: 0 }));
    const position = { sessionId: "ann" as SessionId, generation, epoch: stage.attachment("ann").epoch };
    expect(await stage.stores.mailbox.read({ ...position, afterSequence: 0 })).toEqual({ state: "replaced" });
  });
});

it("resumes after a cut connection, though scripts were forgotten meanwhile", async () => {
  const redis = await RedisServer.start();
  const { stage } = await Place.of([redis], () => redis.close());
  await stage.enter("ann", "bob");
  await stage.couple("ann", "bob");
  await on(redis, async (client) => {
    await client.script("FLUSH");
    await client.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  });
  await again(() => stage.attach("bob", { lastSequence: 1 }));
  expect(await stage.attach("bob", { lastSequence: 1 })).toMatchObject({ resumed: true, lastSequence: 1 });
});
