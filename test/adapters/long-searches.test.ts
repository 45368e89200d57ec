import { expect, it } from "vitest";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import type { Epoch, AddressKey, SessionId, TicketId } from "../../src/core/ids.js";
import { SEARCH_PAUSE_MS } from "../../src/core/limits.js";
import { defaultSchema } from "../../src/core/matching-schema.js";
import { issueTicket } from "../../src/core/ticket.js";
import type { LobbyStore } from "../../src/ports/lobby.js";

const WIDEN_MS = 5_000;
let nowMs = 1_800_000_000_000;
let tickets = 0;

async function wait(lobby: LobbyStore, name: string, interests: string[], languages: string[]): Promise<void> {
  const sessionId = name as SessionId;
  const network = { addressKey: `net-${name}` as AddressKey, quotas: [] };
  await lobby.open({ sessionId, epoch: "e" as Epoch, ...network, nowMs, maxSessions: 1e6 });
  const wish = { preferences: { interests, languages, relayOnly: false }, rematch: false };
  const ticket = issueTicket(`t${String(++tickets)}` as TicketId, sessionId, wish, nowMs, defaultSchema(WIDEN_MS));
  await lobby.match({ ticket, offer: undefined, leaveMatchId: undefined, nowMs });
}

/** Adds sessions whose waits all widen: enough in each span to use up its budget. */
async function passSpan(lobby: LobbyStore): Promise<void> {
  for (let count = 0; count < 80; count++) {
    const alone = `alone ${String(++tickets)}`;
    const interests = Array.from({ length: 10 }, (_, index) => `${alone} ${String(index)}`);
    await wait(lobby, alone, interests, [alone]);
  }
  nowMs += SEARCH_PAUSE_MS;
  await lobby.expire({ nowMs, limit: 1_000 });
}

it("continues a long search however many other sessions are due", async () => {
  const realm = new LobbyState(20_000);
  const lobby = new MemoryLobby(realm);
  for (let span = 0; span < WIDEN_MS / SEARCH_PAUSE_MS + 4; span++) await passSpan(lobby);
  expect(nowMs - (realm.looks.nextMs ?? nowMs), "delay of due sessions (ms)").toBeGreaterThan(0);
  const avoided = Array.from({ length: 200 }, (_, index) => `avoided-${String(index)}`);
  for (const name of [...avoided, "kind"]) await wait(lobby, name, ["chess"], [name]);
  await lobby.open({
    ...{ sessionId: "ann" as SessionId, epoch: "e" as Epoch, addressKey: "net-ann" as AddressKey, nowMs },
    ...{ maxSessions: 1e6, quotas: [] },
  });
  const ann = realm.sessions.get("ann" as SessionId);
  if (ann === undefined) throw new Error("ann is missing");
  for (const name of avoided) {
    const [id, session] = [name as SessionId, realm.sessions.get(name as SessionId)];
    const contact = { id, addressKey: session?.addressKey ?? ann.addressKey };
    realm.acquaintances.avoid(ann, { contact, session }, Infinity, nowMs);
  }
  await wait(lobby, "ann", ["chess"], []);
  expect(ann.doing.state).toBe("waiting");
  for (let span = 0; span < 8; span++) await passSpan(lobby);
  expect(ann.doing.state).toBe("matched");
});
