import { expect, it } from "vitest";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import type { AddressKey, Epoch, SessionId, TicketId } from "../../src/core/ids.js";
import { defaultSchema } from "../../src/core/matching-schema.js";
import { issueTicket } from "../../src/core/ticket.js";

const nowMs = 1_800_000_000_000;
const schema = defaultSchema(5_000);

it("finds everyone of a crowd that came in the same millisecond, whatever its size", async () => {
  const lobby = new MemoryLobby(new LobbyState(20_000));
  const match = async (name: string, languages: string[]) => {
    const sessionId = name as SessionId;
    const network = { addressKey: `net-${name}` as AddressKey, quotas: [] };
    await lobby.open({ sessionId, epoch: "e" as Epoch, ...network, nowMs, maxSessions: 1e6 });
    const wish = { preferences: { interests: [], languages, relayOnly: false }, rematch: false };
    const ticket = issueTicket(`t-${name}` as TicketId, sessionId, wish, nowMs, schema);
    return (await lobby.match({ ticket, offer: undefined, leaveMatchId: undefined, nowMs })).state;
  };
  const count = 3 * 4096;
  for (let index = 0; index < count; index++) await match(`waits-${String(index)}`, [`l${String(index)}`]);
  expect(await lobby.count()).toMatchObject({ waiting: count, matches: 0 });
  for (let index = 0; index < count; index++) expect(await match(`seeks-${String(index)}`, [])).toBe("matched");
  expect(await lobby.count()).toMatchObject({ waiting: 0, matches: count });
});
