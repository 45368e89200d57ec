import { expect, it } from "vitest";
import { PARTED_AT_ONCE } from "../../src/core/limits.js";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import { Partings } from "../../src/adapters/memory/partings.js";
import type { Epoch, NetworkKey, SessionId, TicketId } from "../../src/core/ids.js";
import { AVOID_MS } from "../../src/core/limits.js";
import { defaultSchema } from "../../src/core/matching-schema.js";
import { issueTicket } from "../../src/core/ticket.js";

it("two that parted are kept apart for a time, in either order", () => {
  const partings = new Partings(1_000);
  partings.add("ann", "bob", 5_000);
  expect([partings.untilMs("ann", "bob"), partings.untilMs("bob", "ann")]).toEqual([6_000, 6_000]);
  expect(partings.untilMs("ann", "cyd")).toBe(0);
});

it("pairs whose time is over are dropped", () => {
  const partings = new Partings(1_000);
  partings.add("ann", "bob", 5_000);
  partings.add("ann", "cyd", 6_000);
  expect(partings.untilMs("ann", "bob")).toBe(0);
});

it("pairs whose time is over at once are dropped a few at a time", () => {
  const partings = new Partings(1_000);
  for (let count = 0; count < 100; count++) partings.add("ann", `stranger ${String(count)}`, 5_000);
  partings.add("ann", "bob", 7_000);
  expect(partings.size).toBe(101 - PARTED_AT_ONCE);
  for (let count = 0; count < 100; count++) partings.add("bob", `stranger ${String(count)}`, 7_000);
  expect(partings.size).toBe(101);
});

it("of too many pairs, the oldest are dropped, and one that parts again is not old", () => {
  const partings = new Partings(1_000, 2);
  partings.add("ann", "bob", 5_000);
  partings.add("ann", "cyd", 5_001);
  partings.add("bob", "ann", 5_002);
  partings.add("ann", "dan", 5_003);
  expect(["bob", "cyd", "dan"].map((name) => partings.untilMs("ann", name))).toEqual([6_002, 0, 6_003]);
});

it("are forgotten when the time is over, although nobody parts any more", async () => {
  const realm = new LobbyState(20_000);
  const lobby = new MemoryLobby(realm);
  for (const [sessionId, addressKey] of [
    ["ann", "^ann.home"],
    ["bob", "^bob.cafe"],
  ] as [SessionId, NetworkKey][]) {
    await lobby.open({ sessionId, addressKey, epoch: "e" as Epoch, nowMs: 0, quotas: [], maxSessions: 2 });
    const wish = { preferences: { interests: [], languages: [], relayOnly: false }, rematch: false };
    const ticket = issueTicket(`ticket of ${sessionId}` as TicketId, sessionId, wish, 0, defaultSchema(5_000));
    await lobby.match({ ticket, offer: undefined, leaveMatchId: undefined, nowMs: 0 });
  }
  await lobby.leave({ sessionId: "ann" as SessionId, nowMs: 0 });
  await lobby.expire({ nowMs: AVOID_MS - 1, limit: 100 });
  expect(realm.acquaintances.parted).toBe(1);
  await lobby.expire({ nowMs: AVOID_MS, limit: 100 });
  expect(realm.acquaintances.parted).toBe(0);
});
