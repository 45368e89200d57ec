import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { SessionId } from "../../src/core/ids.js";
import { candidate, HANDSHAKE_MS, LobbyHarness, WINDOW_MS } from "../contract/lobby-harness.js";
import { on, RedisCluster } from "../support/redis-cluster.js";
import { redisStores } from "../support/redis-stores.js";
import { RedisServer } from "../support/redis.js";

/** Waits until Redis is reachable and accepts writes. */
async function again(ask: () => Promise<unknown>): Promise<void> {
  const isDone = () =>
    ask().then(
      () => true,
      () => false,
    );
  await vi.waitUntil(isDone, { timeout: 60_000 });
}

/** One or more servers that will restart with their current state. */
class RestoredStore {
  readonly harness: LobbyHarness;

  private constructor(
    private readonly servers: RedisServer[],
    stores: Awaited<ReturnType<typeof redisStores>>,
  ) {
    this.harness = new LobbyHarness(stores);
  }

  static async of(servers: RedisServer[], close: () => Promise<void>): Promise<RestoredStore> {
    onTestFinished(close);
    const urls = servers.map(({ url }) => url);
    const stores = await redisStores(urls, HANDSHAKE_MS, WINDOW_MS);
    onTestFinished(() => stores.close());
    return new RestoredStore(servers, stores);
  }

  async save(): Promise<void> {
    await Promise.all(this.servers.map((server) => on(server, (client) => client.save())));
  }

  async restore(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
    await Promise.all(this.servers.map((server) => server.start()));
  }

  /** Bob receives a new event with the number of one that Redis has lost. */
  async useNumbersTwice(): Promise<void> {
    const { harness } = this;
    await harness.enter("ann", "bob");
    const matchId = await harness.couple("ann", "bob");
    await this.save();
    await harness.relay("ann", matchId, 1, candidate("forgotten"));
    expect((await harness.events("bob")).length).toBe(2);
    await this.restore();
    await again(() => harness.relay("ann", matchId, 1, candidate("new")));
  }
}

const places: [string, () => Promise<RestoredStore>][] = [
  [
    "one Redis",
    async () => {
      const server = await RedisServer.start();
      return RestoredStore.of([server], () => server.close());
    },
  ],
  [
    "a Redis Cluster",
    async () => {
      const cluster = await RedisCluster.start(0);
      return RestoredStore.of(cluster.servers, () => cluster.close());
    },
  ],
];

describe.each(places)("%s that was restored from a dump", (_name, open) => {
  it("does not resume if its numbers belong to other events, and reports a gap to open streams", async () => {
    const restored = await open();
    const { harness } = restored;
    await restored.useNumbersTwice();
    expect(await harness.read("bob", 2)).toEqual({ state: "gap" });
    const before = harness.attachment("bob");
    const back = await harness.attach("bob", { lastSequence: 2 });
    expect(back).toMatchObject({ resumed: false, snapshot: { state: "matched" } });
    expect(back.epoch).not.toBe(before.epoch);
    expect(await harness.read("bob", back.lastSequence)).toEqual({ state: "events", events: [] });
  });

  it("resumes if the received events are those of Redis, in a new epoch", async () => {
    const restored = await open();
    const { harness } = restored;
    await restored.useNumbersTwice();
    const before = harness.attachment("bob");
    const back = await harness.attach("bob", { epoch: before.epoch, lastSequence: 1 });
    expect(back).toMatchObject({ resumed: true, lastSequence: 1 });
    expect(back.epoch).not.toBe(before.epoch);
    const mail = await harness.read("bob", 1);
    expect(mail).toMatchObject({ events: [{ sequence: 2, event: { type: "signaled" } }] });
  });

  it("never gives two streams the same generation, although it lost the first", async () => {
    const restored = await open();
    const { harness } = restored;
    await harness.enter("ann");
    await restored.save();
    const { generation } = await harness.attach("ann", { lastSequence: 0 });
    await restored.restore();
    await again(() => harness.attach("ann", { lastSequence: 0 }));
    const position = { sessionId: "ann" as SessionId, generation, epoch: harness.attachment("ann").epoch };
    expect(await harness.stores.mailbox.read({ ...position, afterSequence: 0 })).toEqual({ state: "replaced" });
  });
});

it("resumes after a broken connection, although scripts were flushed meanwhile", async () => {
  const redis = await RedisServer.start();
  const { harness } = await RestoredStore.of([redis], () => redis.close());
  await harness.enter("ann", "bob");
  await harness.couple("ann", "bob");
  await on(redis, async (client) => {
    await client.script("FLUSH");
    await client.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  });
  await again(() => harness.attach("bob", { lastSequence: 1 }));
  expect(await harness.attach("bob", { lastSequence: 1 })).toMatchObject({ resumed: true, lastSequence: 1 });
});
