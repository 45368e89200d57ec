import { expect, it } from "vitest";
import type { MatchId } from "../../../src/core/ids.js";
import { AVOID_MS, limits } from "../../../src/core/limits.js";
import { answer, candidate, type Stage, WINDOW_MS } from "../stage.js";

export function reportingContract(stage: () => Stage): void {
  it("end the match and keep the two apart for good", async () => {
    await stage().enter("ann", "bob");
    const matchId = await stage().couple("ann", "bob");
    const networks = { partnerKey: "net-bob", reporterKey: "net-ann" };
    const about = { partnerId: "bob", ...networks, bothHeard: false, matchStartMs: stage().nowMs };
    await stage().pass(5_000);
    expect(await stage().report("ann", matchId)).toEqual({ state: "reported", ...about });
    expect(await stage().last("ann", "match_ended")).toMatchObject({ reason: "reported" });
    expect(await stage().last("bob", "match_ended")).toMatchObject({ reason: "partner_left" });
    await stage().match("ann");
    await stage().match("bob");
    await stage().pass(3_600_000);
    expect((await stage().stores.lobby.count()).matches).toBe(0);
  });

  it("count once per reporter and match", async () => {
    await stage().enter("ann", "bob");
    const matchId = await stage().couple("ann", "bob");
    await stage().report("ann", matchId);
    const begun = { bothHeard: false, matchStartMs: stage().nowMs };
    const again = { state: "repeated", partnerId: "bob", partnerKey: "net-bob", reporterKey: "net-ann", ...begun };
    expect(await stage().report("ann", matchId)).toEqual(again);
    const back = { state: "reported", partnerId: "ann", partnerKey: "net-ann", reporterKey: "net-bob", ...begun };
    expect(await stage().report("bob", matchId)).toEqual(back);
  });

  it("tell the network of the reporter's newest stream, wherever the partner went", async () => {
    await stage().enter("ann", "bob");
    const matchId = await stage().couple("ann", "bob");
    stage().networks.set("ann", "train.line.state");
    await stage().attach("ann");
    const reporterKey = "train.line.state";
    expect(await stage().report("ann", matchId)).toMatchObject({ state: "reported", reporterKey });
    expect(await stage().report("ann", matchId)).toMatchObject({ state: "repeated", reporterKey });
  });

  it.each([
    { heard: false, over: false },
    { heard: false, over: true },
    { heard: true, over: false },
    { heard: true, over: true },
  ])("tell whether both sides were heard: $heard, when the match is over: $over", async ({ heard, over }) => {
    await stage().enter("ann", "bob");
    const matchId = await stage().couple("ann", "bob"); // which brings bob's offer
    if (heard) await stage().relay("ann", matchId, 1, answer);
    if (over) await stage().leave("ann");
    for (const name of ["ann", "bob", "ann"]) {
      expect(await stage().report(name, matchId)).toMatchObject({ bothHeard: heard });
    }
  });

  it("tell the network that the partner was on last, even when the partner is gone", async () => {
    await stage().enter("ann", "bob");
    const matchId = await stage().couple("ann", "bob");
    stage().networks.set("bob", "cafe");
    await stage().attach("bob");
    await stage().leave("bob");
    stage().networks.set("bob", "home");
    await stage().attach("bob");
    await stage().detach("bob");
    await stage().pass(WINDOW_MS);
    expect(await stage().report("ann", matchId)).toMatchObject({ state: "reported", partnerKey: "cafe" });
  });

  it("tell whether an offer was answered in the match, while it runs and after it", async () => {
    await stage().enter("ann", "bob");
    const matchId = await stage().couple("ann", "bob");
    await stage().relay("bob", matchId, 1, answer);
    await stage().relay("ann", matchId, 1, candidate("here"), { kind: "candidates_done" });
    await stage().leave("bob");
    expect(await stage().report("ann", matchId)).toMatchObject({ state: "reported", bothHeard: false });
    await stage().enter("cyd", "dan");
    const other = await stage().couple("cyd", "dan");
    await stage().relay("cyd", other, 1, answer);
    expect(await stage().report("cyd", other)).toMatchObject({ state: "reported", bothHeard: true });
    expect(await stage().report("dan", other)).toMatchObject({ state: "reported", bothHeard: true });
    expect(await stage().report("dan", other)).toMatchObject({ state: "repeated", bothHeard: true });
  });

  it("may be about a match of the last ten minutes, and no older one or another's", async () => {
    await stage().enter("ann", "bob", "cyd");
    const matchId = await stage().couple("ann", "bob");
    await stage().leave("ann");
    expect(await stage().report("cyd", matchId)).toEqual({ state: "over" });
    await stage().pass(600_000);
    expect(await stage().report("ann", matchId)).toMatchObject({ state: "reported" });
    await stage().pass(1);
    expect(await stage().report("bob", matchId)).toEqual({ state: "over" });
  });

  it("may be about what somebody did before others of theirs met the same person very often", async () => {
    await stage().enter("ann", "vile", "kind");
    const vile = await stage().couple("ann", "vile");
    await stage().leave("vile");
    const kind = await stage().couple("ann", "kind");
    await stage().leave("kind");
    for (let count = 0; count < 2 * limits.pastMatches; count++) {
      const name = `bot-${String(count)}`;
      stage().networks.set(
        name,
        `bots-${String(count)}.subnet-${String(count % 50)}.${count % 2 === 0 ? "one" : "two"}`,
      );
      await stage().enter(name);
      await stage().couple("ann", name);
      await stage().leave(name);
      stage().nowMs++;
    }
    for (const matchId of [vile, kind])
      expect(await stage().report("ann", matchId)).toMatchObject({ state: "reported" });
    expect(await stage().report("ann", await stage().matchIdOf("bot-0"))).toEqual({ state: "over" });
  });

  it("are no more than one session may make", async () => {
    await stage().enter("ann", "last");
    let matchId: MatchId | undefined;
    for (let count = 0; count < limits.reportedPartners; count++) {
      const name = `partner-${String(count)}`;
      await stage().enter(name);
      matchId = await stage().couple("ann", name);
      expect(await stage().report("ann", matchId)).toMatchObject({ state: "reported" });
    }
    if (matchId !== undefined) expect(await stage().report("ann", matchId)).toMatchObject({ state: "repeated" });
    expect(await stage().report("ann", await stage().couple("ann", "last"))).toEqual({ state: "exhausted" });
    expect(await stage().stores.lobby.count()).toMatchObject({ matches: 1 });
  });

  it("take one whom many report out of the queue", async () => {
    await stage().enter("pest");
    for (let count = 0; count < limits.reportedPartners; count++) {
      const name = `victim-${String(count)}`;
      await stage().enter(name);
      const matchId = await stage().couple("pest", name);
      await stage().leave(name);
      await stage().match("pest");
      await stage().report(name, matchId);
    }
    expect(await stage().stores.lobby.count()).toMatchObject({ waiting: 0, matches: 0 });
  });

  it("count once per pair towards closing the reported one's session, however many matches the two had", async () => {
    await stage().enter("pest");
    for (let count = 0; count < limits.reportedPartners / 5; count++) {
      const name = `victim-${String(count)}`;
      await stage().enter(name);
      const matchIds = [];
      for (let match = 0; match < 5; match++) {
        matchIds.push(await stage().couple("pest", name));
        await stage().leave(name);
        await stage().pass(AVOID_MS);
      }
      for (const matchId of matchIds) expect(await stage().report(name, matchId)).toMatchObject({ state: "reported" });
    }
    expect(await stage().read("pest")).not.toMatchObject({ state: "closed" });
  });

  it("close the session of one whom many report, which may come back", async () => {
    await stage().enter("pest");
    for (let count = 0; count < limits.reportedPartners; count++) {
      const name = `victim-${String(count)}`;
      await stage().enter(name);
      await stage().report(name, await stage().couple("pest", name));
      await stage().leave(name);
    }
    expect(await stage().read("pest")).toEqual({ state: "closed", reason: "expired" });
  });
}
