import { expect, it } from "vitest";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import type { AddressKey, Epoch, SessionId, TicketId } from "../../src/core/ids.js";
import { defaultSchema } from "../../src/core/matching-schema.js";
import { issueTicket } from "../../src/core/ticket.js";

const COUNT = 4_000;
const FROM_MS = 1_800_000_000_000;

it("samples a limited number of waiting sessions for the waiting times, and counts all of them", async () => {
  const realm = new LobbyState(20_000);
  const lobby = new MemoryLobby(realm);
  for (let index = 0; index < COUNT; index++) {
    const [sessionId, nowMs] = [`session ${String(index)}` as SessionId, FROM_MS + index];
    const network = { addressKey: "network" as AddressKey, quotas: [] };
    await lobby.open({ sessionId, epoch: "e" as Epoch, ...network, nowMs, maxSessions: COUNT });
    const wish = { preferences: { interests: [], languages: [sessionId], relayOnly: false }, rematch: false };
    const ticket = issueTicket(`ticket ${String(index)}` as TicketId, sessionId, wish, nowMs, defaultSchema(60_000));
    await lobby.match({ ticket, offer: undefined, leaveMatchId: undefined, nowMs });
  }
  expect([...realm.pools.waits(1_000)]).toHaveLength(1_000);

  const all = await lobby.waits({ nowMs: FROM_MS + COUNT });
  expect(all.count).toBe(COUNT);
  expect(Math.abs(all.p50Ms - 0.5 * COUNT)).toBeLessThan(0.01 * COUNT);
  expect(Math.abs(all.p99Ms - 0.99 * COUNT)).toBeLessThan(0.01 * COUNT);

  for (let index = 0; index < COUNT; index++) {
    if (index % 10 > 0) await lobby.leave({ sessionId: `session ${String(index)}` as SessionId, nowMs: FROM_MS });
  }
  const left = [...realm.pools.waits(1_000)].sort((one, other) => one - other);
  expect(left).toEqual(Array.from({ length: COUNT / 10 }, (_, index) => FROM_MS + index * 10));
});
