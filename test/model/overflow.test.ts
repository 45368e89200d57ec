import { expect, it } from "vitest";
import { MemoryGuests } from "../../src/adapters/memory/guests.js";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import { MemoryMailbox } from "../../src/adapters/memory/mailbox.js";
import { MemoryRoster } from "../../src/adapters/memory/roster.js";
import { isGuest } from "../../src/core/guest.js";
import { otherRole } from "../../src/core/match.js";
import { HANDSHAKE_MS, type Stores } from "../contract/lobby-harness.js";
import { runOverflowModel, type TestedRealms } from "./overflow-model.js";

const seed = Number(process.env.MODEL_SEED ?? 20_261_128);
const runs = Number(process.env.MODEL_RUNS ?? 400);

it("keeps all invariants of two realms in memory", () => runOverflowModel(inMemory, runs, seed));

function inMemory(): Promise<TestedRealms> {
  const states = { eu: new LobbyState(HANDSHAKE_MS), us: new LobbyState(HANDSHAKE_MS) };
  const stores = { eu: storesOf(states.eu), us: storesOf(states.us) };
  const check = () => {
    Object.values(states).forEach(checkState);
  };
  return Promise.resolve({ stores, check });
}

function storesOf(state: LobbyState): Stores {
  return {
    lobby: new MemoryLobby(state),
    mailbox: new MemoryMailbox(state),
    roster: new MemoryRoster(state),
    guests: new MemoryGuests(state),
    events: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
}

/** Both sides of a match agree, and guests never wait. */
function checkState({ sessions }: LobbyState): void {
  for (const { id, doing } of sessions.values()) {
    if (isGuest(id)) expect(doing.state).not.toBe("waiting");
    if (doing.state !== "matched") continue;
    const { match, role } = doing;
    const partner = match.sides[otherRole(role)].session;
    expect(partner.doing).toEqual({ state: "matched", match, role: otherRole(role) });
  }
}
