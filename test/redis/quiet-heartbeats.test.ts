import { Redis } from "ioredis";
import { expect, it, onTestFinished, vi } from "vitest";
import { steadyClock, systemClock } from "../../src/adapters/node/clock.js";
import { Agreement } from "../../src/adapters/redis/agreement.js";
import { RedisClock } from "../../src/adapters/redis/clock.js";
import { EventCache } from "../../src/adapters/redis/event-cache.js";
import { RedisLobby } from "../../src/adapters/redis/lobby.js";
import { RedisMailbox } from "../../src/adapters/redis/mailbox.js";
import { Membership } from "../../src/adapters/redis/membership.js";
import { ScriptRunner } from "../../src/adapters/redis/script-runner.js";
import type { NewSession } from "../../src/ports/lobby.js";
import type { Position } from "../../src/ports/mailbox.js";
import { RedisServer } from "../support/redis.js";

const REALM = "quiet";
const STREAMS = 50;

/** Longer than a mailbox that was read is trusted without a bus. */
const HEARTBEATS = 3;

it("streams read nothing from Redis while no message of the bus is missing, and read again after one is", async () => {
  const redis = await RedisServer.start();
  const admin = new Redis(redis.url);
  onTestFinished(async () => {
    admin.disconnect();
    await redis.close();
  });
  const store = await ScriptRunner.open({ urls: [redis.url], realm: REALM, handshakeMs: 20_000 }, () => undefined);
  const feeds = new EventCache();
  const clocks = { realm: new RedisClock(systemClock), steady: steadyClock };
  const agreement = new Agreement({ realm: REALM, sessionSecret: "s", lightningNetwork: "off", matching: "" });
  let beats = 0;
  const settings = { windowMs: 60_000, onSilence: () => undefined, onHeartbeat: () => beats++ };
  const membership = await Membership.join(store, "node", feeds, clocks, agreement, settings);
  onTestFinished(async () => {
    await membership.leave();
    store.close();
  });
  const mailbox = new RedisMailbox(store, feeds, steadyClock);
  const lobby = new RedisLobby(store, "node", 60_000, () => true);
  const positions = await Promise.all(
    Array.from({ length: STREAMS }, async (_, index): Promise<Position> => {
      const sessionId = `session-${String(index)}` as Position["sessionId"];
      const session = { sessionId, epoch: "epoch", addressKey: `network-${String(index)}` } as NewSession;
      const opened = await lobby.open({ ...session, nowMs: Date.now(), maxSessions: STREAMS, quotas: [] });
      if (opened.state !== "attached") throw new Error(`a session was not opened: ${opened.state}`);
      mailbox.watch(sessionId, () => undefined);
      return { sessionId, generation: opened.generation, epoch: opened.epoch, afterSequence: 0 };
    }),
  );
  const readAll = () => Promise.all(positions.map(async (position) => mailbox.read(position)));
  const calls = async () => Number(/cmdstat_fcall:calls=(\d+)/.exec(await admin.info("commandstats"))?.[1]);
  await readAll();
  const first = beats;
  await vi.waitUntil(() => beats >= first + HEARTBEATS, { timeout: 30_000 });
  const before = await calls();
  const mails = await readAll();
  expect((await calls()) - before, "calls for 50 streams, beside a heartbeat").toBeLessThan(3);
  expect(mails).toEqual(positions.map(() => ({ state: "events", events: [] })));

  await admin.publish(`satoshigle:{${REALM}}:bus:node`, "1000 someone changed"); // a gap before it
  const between = await calls();
  await readAll();
  expect((await calls()) - between).toBeGreaterThanOrEqual(STREAMS);
});
