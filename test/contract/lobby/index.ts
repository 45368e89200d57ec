import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LobbyHarness, type Stores, WINDOW_MS } from "../lobby-harness.js";
import { closeBannedContract } from "./closing-banned.js";
import { furtherSessionsContract } from "./further-sessions.js";
import { filteringContract } from "./filtering.js";
import { handshakeContract } from "./handshake.js";
import { loggingContract } from "./logging.js";
import { rosterContract } from "./roster.js";
import { leavingContract } from "./leaving.js";
import { pairingContract } from "./pairing.js";
import { peopleContract } from "./people.js";
import { presenceContract } from "./presence.js";
import { relayingContract } from "./relaying.js";
import { reportingContract } from "./reporting.js";
import { searchingContract } from "./searching.js";
import { separatingContract } from "./separating.js";
import { appendingContract } from "./appending.js";
import { unansweredContract } from "./unanswered.js";

/** The contract of every lobby. `create` returns new, empty stores whose handshake deadline is `HANDSHAKE_MS`. */
export function lobbyContract(create: () => Promise<Stores>): void {
  let harness: LobbyHarness;
  const current = () => harness;
  beforeEach(async () => {
    harness = new LobbyHarness(await create());
  });
  afterEach(() => harness.stores.close());

  describe("pairing", () => pairingContract(current));
  describe("attributes and filters", () => filteringContract(current));
  describe("a search", () => searchingContract(current));
  describe("the separation of two sessions", () => separatingContract(current));
  describe("next and leave", () => leavingContract(current));
  describe("relaying", () => relayingContract(current));
  describe("the handshake deadline", () => handshakeContract(current));
  describe("an unanswered offer", () => unansweredContract(current));
  describe("presence", () => presenceContract(current));
  describe("a ban", () => closeBannedContract(current));
  describe("reports", () => reportingContract(current));
  describe("people", () => peopleContract(current));
  describe("the sessions of a person", () => furtherSessionsContract(current));
  describe("the log", () => loggingContract(current));
  describe("the roster", () => rosterContract(current));
  describe("partners and events", () => appendingContract(current));

  it("leaves no data when all sessions are closed", async () => {
    await harness.enter("ann", "bob", "cyd");
    await harness.couple("ann", "bob", { rematch: true });
    await harness.match("cyd");
    for (const name of ["ann", "bob", "cyd"]) await harness.detach(name);
    await harness.pass(WINDOW_MS);
    expect(await harness.stores.lobby.count()).toEqual({ sessions: 0, waiting: 0, matches: 0 });
    expect(await harness.stores.lobby.expire({ nowMs: harness.nowMs, limit: 10 })).toEqual({ nextMs: undefined });
  });
}
