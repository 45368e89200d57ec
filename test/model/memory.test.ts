import { it } from "vitest";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { MemoryMailbox } from "../../src/adapters/memory/mailbox.js";
import { Realm } from "../../src/adapters/memory/realm.js";
import { runLobbyModel } from "./lobby-model.js";
import { timing } from "./reference.js";

it("keeps every invariant through random interleavings in memory", async () => {
  const seed = Number(process.env.MODEL_SEED ?? 20_261_123);
  const runs = Number(process.env.MODEL_RUNS ?? 400);
  await runLobbyModel(
    () => {
      const realm = new Realm(timing.handshakeMs);
      return Promise.resolve({
        lobby: new MemoryLobby(realm),
        mailbox: new MemoryMailbox(realm),
        close: () => Promise.resolve(),
      });
    },
    runs,
    seed,
  );
}, 120_000);
