import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Stage, type Stores, WINDOW_MS } from "../stage.js";
import { banishingContract } from "./banishing.js";
import { handshakeContract } from "./handshake.js";
import { leavingContract } from "./leaving.js";
import { pairingContract } from "./pairing.js";
import { presenceContract } from "./presence.js";
import { relayingContract } from "./relaying.js";
import { reportingContract } from "./reporting.js";
import { searchingContract } from "./searching.js";
import { separatingContract } from "./separating.js";
import { tellingContract } from "./telling.js";
import { unansweredContract } from "./unanswered.js";

/** What every lobby must do. `create` makes fresh, empty stores whose handshake deadline is `HANDSHAKE_MS`. */
export function lobbyContract(create: () => Promise<Stores>): void {
  let stage: Stage;
  const current = () => stage;
  beforeEach(async () => {
    stage = new Stage(await create());
  });
  afterEach(() => stage.stores.close());

  describe("pairing", () => pairingContract(current));
  describe("a search", () => searchingContract(current));
  describe("two who were reported or banned", () => separatingContract(current));
  describe("next and leave", () => leavingContract(current));
  describe("relaying", () => relayingContract(current));
  describe("the handshake deadline", () => handshakeContract(current));
  describe("an offer that nobody answers", () => unansweredContract(current));
  describe("away and back", () => presenceContract(current));
  describe("a ban", () => banishingContract(current));
  describe("reports", () => reportingContract(current));
  describe("telling", () => tellingContract(current));

  it("leaves nothing behind when everyone is gone", async () => {
    await stage.enter("ann", "bob", "cyd");
    await stage.couple("ann", "bob", { rematch: true });
    await stage.match("cyd");
    for (const name of ["ann", "bob", "cyd"]) await stage.detach(name);
    await stage.pass(WINDOW_MS);
    expect(await stage.stores.lobby.count()).toEqual({ sessions: 0, waiting: 0, matches: 0 });
    expect(await stage.stores.lobby.expire({ nowMs: stage.nowMs, limit: 10 })).toEqual({ nextMs: undefined });
  });
}
