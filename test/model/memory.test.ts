import { it } from "vitest";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { MemoryMailbox } from "../../src/adapters/memory/mailbox.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import type { SearchBounds } from "../../src/core/search.js";
import { RecordedEvents } from "../support/recorded-events.js";
import { runLobbyModel } from "./lobby-model.js";
import { narrow, timing } from "./reference.js";
import { schemas } from "./wishes.js";

const seed = Number(process.env.MODEL_SEED ?? 20_261_123);
const runs = Number(process.env.MODEL_RUNS ?? 400);

const create = (bounds?: SearchBounds) => {
  const log = new RecordedEvents();
  const realm = new LobbyState(timing.handshakeMs, bounds, undefined, log);
  const events = () => Promise.resolve(log.events);
  const stores = { lobby: new MemoryLobby(realm), mailbox: new MemoryMailbox(realm), events };
  return Promise.resolve({ ...stores, close: () => Promise.resolve() });
};

it("keeps all invariants in memory through random interleavings", async () => {
  await runLobbyModel(create, runs, seed);
});

it("keeps them in memory with searches that pause after each visit, and soon pairs all compatible sessions", async () => {
  await runLobbyModel(() => create(narrow.bounds), runs / 2, seed, narrow.settlesMs);
});

it("keeps them in memory with random schemas, and pairs whom the reference pairs", async () => {
  await runLobbyModel(create, runs / 2, seed, 0, schemas.random);
});

it("keeps them in memory with random schemas and searches that pause after each visit", async () => {
  await runLobbyModel(() => create(narrow.bounds), runs / 4, seed, narrow.settlesMs, schemas.random);
});
