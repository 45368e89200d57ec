import { describe, expect, it } from "vitest";
import type { MatchId, SessionId } from "../../../src/core/ids.js";
import { type LobbyHarness, WINDOW_MS } from "../lobby-harness.js";

export function appendingContract(harness: () => LobbyHarness): void {
  const partner = (name: string, matchId: MatchId) =>
    harness().stores.lobby.partner({ sessionId: name as SessionId, matchId, nowMs: harness().nowMs });
  const between = (own: string, other: string) => ({
    ...{ state: "partner", partnerId: other, partnerKey: `net-${other}`, ownKey: `net-${own}` },
  });
  const appendTo = (name: string) =>
    harness().stores.lobby.append({
      sessionId: name as SessionId,
      event: { type: "partner_back", matchId: "m" as MatchId },
      nowMs: harness().nowMs,
    });

  describe("the partner of a match", () => {
    it("is returned during the match and for ten minutes after", async () => {
      await harness().enter("ann", "bob");
      const matchId = await harness().couple("ann", "bob");
      expect(await partner("ann", matchId)).toEqual(between("ann", "bob"));
      expect(await partner("bob", matchId)).toEqual(between("bob", "ann"));
      await harness().leave("ann");
      await harness().pass(600_000);
      expect(await partner("ann", matchId)).toEqual(between("ann", "bob"));
      await harness().pass(1);
      expect(await partner("ann", matchId)).toEqual({ state: "over" });
    });

    it("is still returned while there is another current partner", async () => {
      await harness().enter("ann", "bob", "cyd");
      const matchId = await harness().couple("ann", "bob");
      await harness().leave("ann");
      await harness().couple("ann", "cyd");
      expect(await partner("ann", matchId)).toEqual(between("ann", "bob"));
    });

    it("is returned only to the two sides", async () => {
      await harness().enter("ann", "bob", "cyd");
      const matchId = await harness().couple("ann", "bob");
      expect(await partner("cyd", matchId)).toEqual({ state: "over" });
      expect(await partner("nobody", matchId)).toEqual({ state: "unknown" });
    });

    it("is not returned once its session is closed", async () => {
      await harness().enter("ann", "bob");
      const matchId = await harness().couple("ann", "bob");
      await harness().detach("bob");
      await harness().pass(WINDOW_MS);
      expect(await partner("ann", matchId)).toEqual({ state: "over" });
    });

    it("is returned without side effects", async () => {
      await harness().enter("ann", "bob");
      const matchId = await harness().couple("ann", "bob");
      const before = [await harness().events("ann"), await harness().events("bob")];
      await partner("ann", matchId);
      expect([await harness().events("ann"), await harness().events("bob")]).toEqual(before);
      expect(await harness().stores.lobby.count()).toEqual({ sessions: 2, waiting: 0, matches: 1 });
    });
  });

  describe("an event appended for a session", () => {
    it("follows earlier events, whatever the session does", async () => {
      await harness().enter("ann", "bob");
      await appendTo("ann");
      await harness().couple("ann", "bob");
      await appendTo("ann");
      const types = (await harness().events("ann")).map(({ type }) => type);
      expect(types.at(0)).toBe("partner_back");
      expect(types.at(-1)).toBe("partner_back");
      expect(types).toContain("matched");
    });

    it("waits for a session that is away", async () => {
      await harness().enter("ann");
      await harness().match("ann");
      await harness().detach("ann");
      await appendTo("ann");
      expect(await harness().attach("ann", { lastSequence: 0 })).toMatchObject({ resumed: true });
      expect((await harness().events("ann")).slice(1)).toEqual([{ type: "partner_back", matchId: "m" }]);
    });

    it("is dropped without effect if the session does not exist", async () => {
      await appendTo("nobody");
      expect(await harness().stores.lobby.count()).toEqual({ sessions: 0, waiting: 0, matches: 0 });
      await harness().enter("nobody");
      expect(await harness().events("nobody")).toEqual([]);
    });
  });
}
