import { describe } from "vitest";
import { MailPool } from "../../src/adapters/memory/event-buffer.js";
import { MemoryCommitments } from "../../src/adapters/memory/commitment-book.js";
import { MemoryGuests } from "../../src/adapters/memory/guests.js";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { MemoryRoster } from "../../src/adapters/memory/roster.js";
import { MemoryMailbox } from "../../src/adapters/memory/mailbox.js";
import { MemoryQuotas } from "../../src/adapters/memory/quotas.js";
import { MemorySpent } from "../../src/adapters/memory/spent-store.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import { RecordedEvents } from "../support/recorded-events.js";
import { commitmentsContract } from "./commitment-book.js";
import { lobbyContract } from "./lobby/index.js";
import { mailboxContract } from "./mailbox.js";
import { overflowContract } from "./overflow/index.js";
import { quotasContract } from "./quotas.js";
import { spentStoreContract } from "./spent-store.js";
import { HANDSHAKE_MS, type Stores } from "./lobby-harness.js";

function create(mailPoolBytes?: number): Promise<Stores> {
  const log = new RecordedEvents();
  const realm = new LobbyState(HANDSHAKE_MS, undefined, new MailPool(mailPoolBytes), log);
  return Promise.resolve({
    lobby: new MemoryLobby(realm),
    mailbox: new MemoryMailbox(realm),
    guests: new MemoryGuests(realm),
    roster: new MemoryRoster(realm),
    events: () => Promise.resolve(log.events),
    close: () => Promise.resolve(),
  });
}

describe("the lobby in memory", () => lobbyContract(() => create()));
describe("the mailbox in memory", () => mailboxContract(create));
describe("two realms in memory", () => overflowContract(() => create()));
describe("the quotas in memory", () =>
  quotasContract(() => Promise.resolve({ quotas: new MemoryQuotas(), close: () => Promise.resolve() })));
describe("commitments in memory", () =>
  commitmentsContract(() => Promise.resolve({ book: new MemoryCommitments(), close: () => Promise.resolve() })));
describe("the used solutions in memory", () =>
  spentStoreContract(() => {
    const store = new MemorySpent();
    return Promise.resolve({ stores: [store, store], close: () => Promise.resolve() });
  }));
