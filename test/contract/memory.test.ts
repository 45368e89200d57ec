import { describe } from "vitest";
import { MailPool } from "../../src/adapters/memory/event-buffer.js";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { MemoryMailbox } from "../../src/adapters/memory/mailbox.js";
import { MemoryQuotas } from "../../src/adapters/memory/quotas.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import { lobbyContract } from "./lobby/index.js";
import { mailboxContract } from "./mailbox.js";
import { quotasContract } from "./quotas.js";
import { HANDSHAKE_MS, type Stores } from "./lobby-harness.js";

function create(mailPoolBytes?: number): Promise<Stores> {
  const realm = new LobbyState(HANDSHAKE_MS, undefined, new MailPool(mailPoolBytes));
  return Promise.resolve({
    lobby: new MemoryLobby(realm),
    mailbox: new MemoryMailbox(realm),
    close: () => Promise.resolve(),
  });
}

describe("the lobby in memory", () => lobbyContract(() => create()));
describe("the mailbox in memory", () => mailboxContract(create));
describe("the quotas in memory", () =>
  quotasContract(() => Promise.resolve({ quotas: new MemoryQuotas(), close: () => Promise.resolve() })));
