import { describe, expect, it } from "vitest";
import type { MatchId, SessionId } from "../../../src/core/ids.js";
import { type Stage, WINDOW_MS } from "../stage.js";

export function tellingContract(stage: () => Stage): void {
  const partner = (name: string, matchId: MatchId) =>
    stage().stores.lobby.partner({ sessionId: name as SessionId, matchId, nowMs: stage().nowMs });
  const between = (own: string, other: string) => ({
    ...{ state: "partner", partnerId: other, partnerKey: `net-${other}`, ownKey: `net-${own}` },
  });
  const tell = (name: string) =>
    stage().stores.lobby.append({
      sessionId: name as SessionId,
      event: { type: "partner_back", matchId: "m" as MatchId },
      nowMs: stage().nowMs,
    });

  describe("the partner of a match", () => {
    it("is the other of the two, while it runs and for ten minutes after", async () => {
      await stage().enter("ann", "bob");
      const matchId = await stage().couple("ann", "bob");
      expect(await partner("ann", matchId)).toEqual(between("ann", "bob"));
      expect(await partner("bob", matchId)).toEqual(between("bob", "ann"));
      await stage().leave("ann");
      await stage().pass(600_000);
      expect(await partner("ann", matchId)).toEqual(between("ann", "bob"));
      await stage().pass(1);
      expect(await partner("ann", matchId)).toEqual({ state: "over" });
    });

    it("is still told when somebody else is the current one", async () => {
      await stage().enter("ann", "bob", "cyd");
      const matchId = await stage().couple("ann", "bob");
      await stage().leave("ann");
      await stage().couple("ann", "cyd");
      expect(await partner("ann", matchId)).toEqual(between("ann", "bob"));
    });

    it("is nobody's business but theirs", async () => {
      await stage().enter("ann", "bob", "cyd");
      const matchId = await stage().couple("ann", "bob");
      expect(await partner("cyd", matchId)).toEqual({ state: "over" });
      expect(await partner("nobody", matchId)).toEqual({ state: "unknown" });
    });

    it("is nobody once the partner's session is closed", async () => {
      await stage().enter("ann", "bob");
      const matchId = await stage().couple("ann", "bob");
      await stage().detach("bob");
      await stage().pass(WINDOW_MS);
      expect(await partner("ann", matchId)).toEqual({ state: "over" });
    });

    it("is told without changing anything", async () => {
      await stage().enter("ann", "bob");
      const matchId = await stage().couple("ann", "bob");
      const before = [await stage().events("ann"), await stage().events("bob")];
      await partner("ann", matchId);
      expect([await stage().events("ann"), await stage().events("bob")]).toEqual(before);
      expect(await stage().stores.lobby.count()).toEqual({ sessions: 2, waiting: 0, matches: 1 });
    });
  });

  describe("an event told to a session", () => {
    it("comes after those before it, whatever the session does", async () => {
      await stage().enter("ann", "bob");
      await tell("ann");
      await stage().couple("ann", "bob");
      await tell("ann");
      const types = (await stage().events("ann")).map(({ type }) => type);
      expect(types.at(0)).toBe("partner_back");
      expect(types.at(-1)).toBe("partner_back");
      expect(types).toContain("matched");
    });

    it("waits for one that is away", async () => {
      await stage().enter("ann");
      await stage().match("ann");
      await stage().detach("ann");
      await tell("ann");
      expect(await stage().attach("ann", { lastSequence: 0 })).toMatchObject({ resumed: true });
      expect((await stage().events("ann")).slice(1)).toEqual([{ type: "partner_back", matchId: "m" }]);
    });

    it("is lost on one that is not there, and nothing else happens", async () => {
      await tell("nobody");
      expect(await stage().stores.lobby.count()).toEqual({ sessions: 0, waiting: 0, matches: 0 });
      await stage().enter("nobody");
      expect(await stage().events("nobody")).toEqual([]);
    });
  });
}
