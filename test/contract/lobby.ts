import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Epoch, MatchId, SessionId } from "../../src/core/ids.js";
import { limits } from "../../src/core/limits.js";
import { candidate, HANDSHAKE_MS, offer, Stage, type Stores, WIDEN_MS, WINDOW_MS } from "./stage.js";

/** What every lobby must do. `create` makes fresh, empty stores whose handshake deadline is `HANDSHAKE_MS`. */
export function lobbyContract(create: () => Promise<Stores>): void {
  let stage: Stage;
  beforeEach(async () => {
    stage = new Stage(await create());
  });
  afterEach(() => stage.stores.close());

  describe("pairing", () => {
    it("pairs the longest-waiting first", async () => {
      await stage.enter("old", "young", "seeker");
      await stage.match("old", { languages: ["de"] });
      await stage.pass(10);
      await stage.match("young", { languages: ["en"] });
      await stage.pass(10);
      await stage.match("seeker");
      expect(await stage.matchIdOf("seeker")).toBe(await stage.matchIdOf("old"));
      expect(await stage.last("young", "matched")).toBeUndefined();
    });

    it("pairs past a head full of stale tickets", async () => {
      const gone = Array.from({ length: 300 }, (_, index) => `gone-${String(index)}`);
      await stage.enter(...gone, "patient", "seeker");
      for (const name of gone) await stage.match(name, { languages: [name.slice(-1) + "a"], interests: [name] });
      await stage.pass(WIDEN_MS);
      await stage.match("patient");
      for (const [index, name] of gone.entries()) await (index % 2 ? stage.leave(name) : stage.detach(name));
      await stage.match("seeker");
      expect(await stage.matchIdOf("seeker")).toBeDefined();
    });

    it("tells both the same match, the seeker as offerer, and its offer to the one who waited", async () => {
      await stage.enter("waiter", "seeker");
      await stage.match("waiter", { interests: ["chess", "music"], offer });
      await stage.match("seeker", { interests: ["music"], offer });
      const matchId = await stage.matchIdOf("seeker");
      const shared = { matchId, sharedInterests: ["music"], relayOnly: false };
      expect(await stage.last("waiter", "matched")).toMatchObject({ ...shared, role: "answerer", offer });
      const own = await stage.last("seeker", "matched");
      expect(own).toMatchObject({ ...shared, role: "offerer" });
      expect(own?.offer).toBeUndefined();
    });

    it("prefers a shared interest to a longer wait", async () => {
      await stage.enter("anyone", "kindred", "seeker");
      await stage.match("anyone");
      await stage.pass(10);
      await stage.match("kindred", { interests: ["chess"] });
      await stage.match("seeker", { interests: ["Chess "] });
      expect(await stage.matchIdOf("seeker")).toBe(await stage.matchIdOf("kindred"));
    });

    it("takes anyone once the wait has widened, and says so", async () => {
      await stage.enter("chess", "music");
      await stage.match("chess", { interests: ["chess"] });
      await stage.match("music", { interests: ["music"] });
      await stage.pass(WIDEN_MS - 1);
      expect(await stage.last("chess", "matched")).toBeUndefined();
      await stage.pass(1);
      expect(await stage.matchIdOf("chess")).toBe(await stage.matchIdOf("music"));
      expect(await stage.last("chess", "waiting")).toMatchObject({ widened: true });
    });

    it("never pairs two who both name languages and share none", async () => {
      await stage.enter("deutsch", "english", "whatever");
      await stage.match("deutsch", { languages: ["de"] });
      await stage.match("english", { languages: ["en"] });
      await stage.pass(10 * WIDEN_MS);
      expect((await stage.stores.lobby.count()).matches).toBe(0);
      await stage.match("whatever");
      expect(await stage.matchIdOf("whatever")).toBe(await stage.matchIdOf("deutsch"));
    });

    it("relays the call when either side asks for it", async () => {
      await stage.enter("shy", "open");
      await stage.match("shy", { relayOnly: true });
      await stage.match("open");
      expect(await stage.last("open", "matched")).toMatchObject({ relayOnly: true });
      expect(await stage.last("shy", "matched")).toMatchObject({ relayOnly: true });
    });

    it("keeps partners of the last minute apart, says so, and pairs them after it", async () => {
      await stage.enter("ann", "bob");
      await stage.couple("ann", "bob");
      await stage.leave("ann");
      await stage.match("ann");
      await stage.match("bob");
      expect(await stage.last("bob", "waiting")).toMatchObject({ onlyRecentPartners: true, waitingCount: 2 });
      await stage.pass(59_999);
      expect((await stage.stores.lobby.count()).matches).toBe(0);
      await stage.pass(1);
      expect((await stage.stores.lobby.count()).matches).toBe(1);
    });

    it("never pairs a session that is away, and keeps its place for when it is back", async () => {
      await stage.enter("ann", "bob", "cyd");
      await stage.match("ann");
      await stage.detach("ann");
      await stage.pass(1000);
      await stage.match("bob", { languages: ["en"] });
      expect((await stage.stores.lobby.count()).waiting).toBe(1);
      await stage.leave("bob");
      await stage.attach("ann");
      await stage.match("cyd");
      expect(await stage.matchIdOf("cyd")).toBe(await stage.matchIdOf("ann"));
    });

    it("pairs one who comes back with whoever waits", async () => {
      await stage.enter("ann", "bob");
      await stage.match("ann");
      await stage.detach("ann");
      await stage.match("bob");
      expect(await stage.last("bob", "matched")).toBeUndefined();
      const back = await stage.attach("ann");
      expect(back.snapshot).toMatchObject({ state: "waiting" });
      expect(await stage.matchIdOf("ann")).toBe(await stage.matchIdOf("bob"));
    });

    it("keeps the place of one who asks again, also with another wish", async () => {
      await stage.enter("ann", "bob", "cyd");
      await stage.match("ann", { languages: ["de"] });
      await stage.pass(100);
      await stage.match("bob", { languages: ["fr"] });
      await stage.pass(100);
      expect(await stage.match("ann", { languages: ["en"] })).toEqual({ state: "waiting" });
      await stage.match("cyd");
      expect(await stage.matchIdOf("cyd")).toBe(await stage.matchIdOf("ann"));
    });

    it("tells how the wait stands: since when, how many, how long to expect", async () => {
      await stage.enter("ann", "bob", "cyd");
      await stage.match("ann");
      const sinceMs = stage.nowMs;
      expect(await stage.last("ann", "waiting")).toMatchObject({ sinceMs, waitingCount: 1, widened: false });
      await stage.pass(3000);
      await stage.match("bob");
      await stage.match("cyd");
      expect(await stage.last("cyd", "waiting")).toMatchObject({ waitingCount: 1, estimatedWaitMs: 3000 });
    });
  });

  describe("next and leave", () => {
    it("ends the named match first, and tells the partner it was skipped", async () => {
      await stage.enter("ann", "bob", "cyd");
      const matchId = await stage.couple("ann", "bob");
      await stage.match("cyd");
      await stage.match("ann", { leave: matchId });
      expect(await stage.last("bob", "match_ended")).toEqual({
        type: "match_ended",
        matchId,
        reason: "partner_skipped",
        queuedAgain: false,
      });
      expect(await stage.last("ann", "match_ended")).toMatchObject({ matchId, reason: "left" });
      expect(await stage.matchIdOf("ann")).toBe(await stage.matchIdOf("cyd"));
    });

    it("serves the one who asked for the next before the one who was left", async () => {
      await stage.enter("ann", "bob", "cyd");
      const matchId = await stage.couple("ann", "bob", { rematch: true });
      await stage.match("cyd");
      await stage.match("ann", { leave: matchId });
      expect(await stage.matchIdOf("ann")).toBe(await stage.matchIdOf("cyd"));
      expect((await stage.events("bob")).at(-1)).toMatchObject({ type: "waiting" });
    });

    it("only acknowledges when the named match is not the current one", async () => {
      await stage.enter("ann", "bob");
      const matchId = await stage.couple("ann", "bob");
      expect(await stage.match("ann", { leave: "another" as MatchId })).toEqual({ state: "in_match" });
      expect(await stage.match("ann")).toEqual({ state: "in_match" });
      expect(await stage.last("bob", "match_ended")).toBeUndefined();
      expect(await stage.matchIdOf("ann")).toBe(matchId);
    });

    it("puts a partner who wished it back into the queue, with its wait begun anew", async () => {
      await stage.enter("ann", "bob");
      await stage.couple("ann", "bob", { rematch: true });
      await stage.pass(5000);
      await stage.leave("ann");
      expect(await stage.last("bob", "match_ended")).toMatchObject({ reason: "partner_left", queuedAgain: true });
      expect(await stage.last("bob", "waiting")).toMatchObject({ sinceMs: stage.nowMs });
      expect((await stage.events("ann")).at(-1)).toMatchObject({ type: "match_ended", queuedAgain: false });
    });

    it("gives the partner exactly one end, however often one leaves", async () => {
      await stage.enter("ann", "bob");
      await stage.couple("ann", "bob");
      for (let times = 0; times < 3; times++) expect(await stage.leave("ann")).toEqual({ state: "idle" });
      const ends = (await stage.events("bob")).filter(({ type }) => type === "match_ended");
      expect(ends).toHaveLength(1);
    });

    it("takes one who leaves out of the queue", async () => {
      await stage.enter("ann", "bob");
      await stage.match("ann");
      await stage.leave("ann");
      await stage.match("bob");
      expect(await stage.stores.lobby.count()).toEqual({ sessions: 2, waiting: 1, matches: 0 });
    });
  });

  describe("relaying", () => {
    it("appends to the partner's mailbox in the order sent", async () => {
      await stage.enter("ann", "bob");
      const matchId = await stage.couple("ann", "bob");
      for (let sequence = 1; sequence <= 5; sequence++) {
        expect(await stage.relay("ann", matchId, sequence, candidate(String(sequence)))).toEqual({ state: "relayed" });
      }
      const signals = (await stage.events("bob")).flatMap((event) => (event.type === "signaled" ? event.signals : []));
      expect(signals).toEqual(["1", "2", "3", "4", "5"].map(candidate));
    });

    it("takes a repeated sequence without a second effect, and refuses a gap", async () => {
      await stage.enter("ann", "bob");
      const matchId = await stage.couple("ann", "bob");
      await stage.relay("ann", matchId, 1, candidate("1"));
      const before = await stage.events("bob");
      expect(await stage.relay("ann", matchId, 1, candidate("again"))).toEqual({ state: "repeated" });
      expect(await stage.relay("ann", matchId, 3, candidate("3"))).toEqual({ state: "gap", expected: 2 });
      expect(await stage.events("bob")).toEqual(before);
    });

    it("takes nothing for a match that is over, or somebody else's", async () => {
      await stage.enter("ann", "bob", "cyd", "dan");
      const over = await stage.couple("ann", "bob");
      await stage.leave("ann");
      const foreign = await stage.couple("cyd", "dan");
      expect(await stage.relay("bob", over, 1, candidate("late"))).toEqual({ state: "over" });
      expect(await stage.relay("bob", foreign, 1, candidate("wrong"))).toEqual({ state: "over" });
      expect(await stage.last("cyd", "signaled")).toBeUndefined();
      expect(await stage.last("dan", "signaled")).toBeUndefined();
      expect(await stage.relay("nobody", over, 1, candidate("x"))).toEqual({ state: "unknown" });
    });
  });

  describe("the handshake deadline", () => {
    it("sends a silent answerer to idle and its partner to the front of the queue", async () => {
      await stage.enter("mute", "bob", "early");
      await stage.match("mute");
      await stage.pass(10);
      await stage.match("bob", { offer });
      const sinceMs = stage.nowMs;
      await stage.pass(HANDSHAKE_MS - 1);
      expect(await stage.last("bob", "match_ended")).toBeUndefined();
      await stage.pass(1);
      expect(await stage.last("mute", "match_ended")).toMatchObject({ reason: "unresponsive", queuedAgain: false });
      expect(await stage.last("bob", "match_ended")).toMatchObject({
        reason: "partner_unresponsive",
        queuedAgain: true,
      });
      expect(await stage.last("bob", "waiting")).toMatchObject({ sinceMs });
    });

    it("blames the offerer when no offer came", async () => {
      await stage.enter("ann", "mute");
      await stage.match("ann");
      await stage.match("mute");
      await stage.pass(HANDSHAKE_MS);
      expect(await stage.last("mute", "match_ended")).toMatchObject({ reason: "unresponsive" });
      expect(await stage.last("ann", "match_ended")).toMatchObject({ reason: "partner_unresponsive" });
    });

    it("is over once something came from both", async () => {
      await stage.enter("ann", "bob");
      const matchId = await stage.couple("ann", "bob");
      await stage.relay("ann", matchId, 1, { kind: "description", ...offer, type: "answer" });
      await stage.pass(10 * HANDSHAKE_MS);
      expect((await stage.stores.lobby.count()).matches).toBe(1);
    });
  });

  describe("away and back", () => {
    it("tells the partner of a broken stream with its deadline, and of the return", async () => {
      await stage.enter("ann", "bob");
      const matchId = await stage.couple("ann", "bob");
      await stage.detach("ann");
      const deadlineMs = stage.nowMs + WINDOW_MS;
      expect((await stage.events("bob")).at(-1)).toEqual({ type: "partner_away", matchId, deadlineMs });
      const back = await stage.attach("ann");
      expect(back.snapshot).toMatchObject({ state: "matched", matchId, role: "answerer", partnerPresent: true });
      expect((await stage.events("bob")).at(-1)).toEqual({ type: "partner_back", matchId });
    });

    it("closes a session that stays away, and tells its partner", async () => {
      await stage.enter("ann", "bob");
      const matchId = await stage.couple("ann", "bob");
      await stage.relay("ann", matchId, 1, candidate("here"));
      await stage.detach("ann");
      await stage.pass(WINDOW_MS - 1);
      expect((await stage.stores.lobby.count()).sessions).toBe(2);
      await stage.pass(1);
      expect(await stage.last("bob", "match_ended")).toMatchObject({ matchId, reason: "partner_lost" });
      expect(await stage.read("ann")).toEqual({ state: "closed", reason: "expired" });
      await expect(stage.attach("ann", { lastSequence: 0 })).rejects.toThrow("unknown");
    });

    it("ignores the end of a stream that was replaced", async () => {
      await stage.enter("ann");
      const { generation } = stage.attachment("ann");
      await stage.attach("ann");
      await stage.detach("ann", generation);
      await stage.pass(2 * WINDOW_MS);
      expect((await stage.stores.lobby.count()).sessions).toBe(1);
    });

    it("opens a session once, however often it is asked", async () => {
      await stage.enter("ann");
      const first = stage.attachment("ann");
      await stage.enter("ann");
      expect(stage.attachment("ann")).toEqual(first);
      expect((await stage.stores.lobby.count()).sessions).toBe(1);
    });

    it("takes no more sessions than it may", async () => {
      await stage.enter("ann");
      const second = { sessionId: "bob" as SessionId, epoch: "e" as Epoch, nowMs: stage.nowMs, maxSessions: 1 };
      expect(await stage.stores.lobby.open(second)).toEqual({ state: "full" });
    });
  });

  describe("reports", () => {
    it("end the match and keep the two apart for good", async () => {
      await stage.enter("ann", "bob");
      const matchId = await stage.couple("ann", "bob");
      expect(await stage.report("ann", matchId)).toEqual({ state: "reported", partnerId: "bob" });
      expect(await stage.last("ann", "match_ended")).toMatchObject({ reason: "reported" });
      expect(await stage.last("bob", "match_ended")).toMatchObject({ reason: "partner_left" });
      await stage.match("ann");
      await stage.match("bob");
      await stage.pass(3_600_000);
      expect((await stage.stores.lobby.count()).matches).toBe(0);
    });

    it("count once per reporter and match", async () => {
      await stage.enter("ann", "bob");
      const matchId = await stage.couple("ann", "bob");
      await stage.report("ann", matchId);
      expect(await stage.report("ann", matchId)).toEqual({ state: "repeated", partnerId: "bob" });
      expect(await stage.report("bob", matchId)).toEqual({ state: "reported", partnerId: "ann" });
    });

    it("may be about a match of the last ten minutes, and no older one or another's", async () => {
      await stage.enter("ann", "bob", "cyd");
      const matchId = await stage.couple("ann", "bob");
      await stage.leave("ann");
      expect(await stage.report("cyd", matchId)).toEqual({ state: "over" });
      await stage.pass(600_000);
      expect(await stage.report("ann", matchId)).toMatchObject({ state: "reported" });
      await stage.pass(1);
      expect(await stage.report("bob", matchId)).toEqual({ state: "over" });
    });

    it("take one whom many report out of the queue", async () => {
      await stage.enter("pest");
      for (let count = 0; count < limits.reportedPartners; count++) {
        const name = `victim-${String(count)}`;
        await stage.enter(name);
        const matchId = await stage.couple("pest", name);
        await stage.leave(name);
        await stage.match("pest");
        await stage.report(name, matchId);
      }
      expect(await stage.stores.lobby.count()).toMatchObject({ waiting: 0, matches: 0 });
    });

    it("close the session of one whom many report", async () => {
      await stage.enter("pest");
      for (let count = 0; count < limits.reportedPartners; count++) {
        const name = `victim-${String(count)}`;
        await stage.enter(name);
        await stage.report(name, await stage.couple("pest", name));
        await stage.leave(name);
      }
      expect((await stage.read("pest")).state).toBe("closed");
    });
  });

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
