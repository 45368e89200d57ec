import { expect, it } from "vitest";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import { systemRandom } from "../../src/adapters/node/random.js";
import { systemClock } from "../../src/adapters/node/clock.js";
import { Streams } from "../../src/app/streams.js";
import type { AddressKey, Epoch, SessionId } from "../../src/core/ids.js";
import { visitsOf } from "../support/visits.js";

/** Cost that depends on the number of entries shows as more visits. */
const sizes = [1_000, 100_000] as const;

function streamsOf(size: number): Streams {
  const settings = { heartbeatMs: 60_000, maxPerAddress: size, maxReturning: size, lifetimeMs: 1e9 };
  const streams = new Streams(systemClock, systemRandom, settings);
  for (let count = 0; count < size; count++) streams.add("192.0.2.1", `s${String(count)}` as SessionId, true);
  return streams;
}

it("counts visited entries", () => {
  expect(visitsOf(() => [...new Set([1, 2, 3])].some((one) => one > 3))).toBeGreaterThanOrEqual(6);
});

it("refuses and accepts a stream at a full address without visiting the others", () => {
  const visits = sizes.map((size) => {
    const streams = streamsOf(size);
    return visitsOf(() => {
      expect(() => streams.add("192.0.2.1", "new" as SessionId, true)).toThrow("too many streams");
      streams.add("192.0.2.1", `s${String(size - 1)}` as SessionId, false);
    });
  });
  expect(visits[1]).toBe(visits[0]);
});

it("closes some sessions of a network without visiting the rest", () => {
  const visits = sizes.map((size) => {
    const lobby = new MemoryLobby(new LobbyState(20_000));
    const common = {
      addressKey: "net" as AddressKey,
      epoch: "e" as Epoch,
      nowMs: 1,
      maxSessions: Infinity,
      quotas: [],
    };
    for (let count = 0; count < size; count++)
      void lobby.open({ sessionId: `s${String(count)}` as SessionId, ...common });
    return visitsOf(
      () =>
        void lobby.closeSessions({ addressKey: "net" as AddressKey, reason: "banned", keep: 0, nowMs: 2, limit: 10 }),
    );
  });
  expect(visits[1]).toBe(visits[0]);
});
