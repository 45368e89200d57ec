import { expect, it } from "vitest";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import type { AddressKey, Epoch, SessionId, TicketId } from "../../src/core/ids.js";
import { limits } from "../../src/core/limits.js";
import { type Attribute, defaultSchema, type MatchingSchema } from "../../src/core/matching-schema.js";
import { issueTicket, type MatchPreferences } from "../../src/core/ticket.js";

const names = ["a", "b", "c", "d", "e"];
const usual = defaultSchema(5_000);
const schema: MatchingSchema = {
  ...usual,
  attributes: names.map((name): Attribute => ({
    ...{ name, values: ["1", "2", "3"], saidBy: ["client"], fallback: undefined, maxValues: 1, isMutual: false },
    ...{ isSought: true, acceptsUnknown: false, givesWayAfterMs: undefined, isShared: false },
  })),
};

let nowMs = 1_800_000_000_000;
const preferences = { interests: [], languages: [], relayOnly: false };
const everything = (value: string) => names.map((name) => [name, [value]] as const);

async function wait(lobby: MemoryLobby, name: string, wish: Partial<MatchPreferences>): Promise<string> {
  const sessionId = name as SessionId;
  const network = { addressKey: `net-${name}` as AddressKey, quotas: [] };
  await lobby.open({ sessionId, epoch: "e" as Epoch, ...network, nowMs: ++nowMs, maxSessions: 1e6 });
  const ticket = issueTicket(
    `t-${name}` as TicketId,
    sessionId,
    { preferences, rematch: false, ...wish },
    nowMs,
    schema,
  );
  return (await lobby.match({ ticket, offer: undefined, leaveMatchId: undefined, nowMs })).state;
}

it("passes nobody who does not fit, however many wait with the widest filters that are allowed", async () => {
  const realm = new LobbyState(20_000);
  const lobby = new MemoryLobby(realm);
  // Each is in as many pools as possible, and fits only those who are all 3, as nobody is.
  for (let count = 0; count < 3_000; count++) {
    const filters = [["a", count % 2 === 0 ? ["2", "3"] : ["3"]] as const, ...everything("3").slice(1)];
    expect(await wait(lobby, `hostile-${String(count)}`, { attributes: everything("1"), filters })).toBe("waiting");
  }
  const hostile = realm.sessions.get("hostile-0" as SessionId);
  expect(hostile?.doing.state === "waiting" && hostile.doing.waiter.line?.pools.length).toBe(64);
  const passed: number[] = [];
  const find = realm.pools.find.bind(realm.pools);
  realm.pools.find = (...search) => {
    const found = find(...search);
    passed.push(found.places);
    return found;
  };
  const ann = { attributes: everything("2"), filters: everything("1") };
  const bob = { attributes: everything("1"), filters: everything("2") };
  expect(await wait(lobby, "ann", ann)).toBe("waiting");
  expect(passed).toEqual([0]);
  expect(await wait(lobby, "bob", bob)).toBe("matched");
  expect(passed[1]).toBeLessThanOrEqual(limits.poolsOfTicket);
});
