import { expect, it } from "vitest";
import type { MatchId } from "../../../src/core/ids.js";
import { AVOID_MS, limits } from "../../../src/core/limits.js";
import { answer, candidate, type LobbyHarness, WINDOW_MS } from "../lobby-harness.js";

export function reportingContract(harness: () => LobbyHarness): void {
  it("end the match and separate the two permanently", async () => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob");
    const networks = { partnerKey: "net-bob", reporterKey: "net-ann" };
    const about = { partnerId: "bob", ...networks, bothHeard: false, matchStartMs: harness().nowMs };
    await harness().pass(5_000);
    expect(await harness().report("ann", matchId)).toEqual({ state: "reported", ...about });
    expect(await harness().last("ann", "match_ended")).toMatchObject({ reason: "reported" });
    expect(await harness().last("bob", "match_ended")).toMatchObject({ reason: "partner_left" });
    await harness().match("ann");
    await harness().match("bob");
    await harness().pass(3_600_000);
    expect((await harness().stores.lobby.count()).matches).toBe(0);
  });

  it("count once per reporter and match", async () => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob");
    await harness().report("ann", matchId);
    const begun = { bothHeard: false, matchStartMs: harness().nowMs };
    const again = { state: "repeated", partnerId: "bob", partnerKey: "net-bob", reporterKey: "net-ann", ...begun };
    expect(await harness().report("ann", matchId)).toEqual(again);
    const back = { state: "reported", partnerId: "ann", partnerKey: "net-ann", reporterKey: "net-bob", ...begun };
    expect(await harness().report("bob", matchId)).toEqual(back);
  });

  it("contain the network of the reporter's newest stream, wherever the partner is", async () => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob");
    harness().networks.set("ann", "train.line.state");
    await harness().attach("ann");
    const reporterKey = "train.line.state";
    expect(await harness().report("ann", matchId)).toMatchObject({ state: "reported", reporterKey });
    expect(await harness().report("ann", matchId)).toMatchObject({ state: "repeated", reporterKey });
  });

  it.each([
    { heard: false, over: false },
    { heard: false, over: true },
    { heard: true, over: false },
    { heard: true, over: true },
  ])("state whether both sides were heard: $heard, when the match is over: $over", async ({ heard, over }) => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob"); // which contains bob's offer
    if (heard) await harness().relay("ann", matchId, 1, answer);
    if (over) await harness().leave("ann");
    for (const name of ["ann", "bob", "ann"]) {
      expect(await harness().report(name, matchId)).toMatchObject({ bothHeard: heard });
    }
  });

  it("contain the last network of the partner, even if its session is closed", async () => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob");
    harness().networks.set("bob", "cafe");
    await harness().attach("bob");
    await harness().leave("bob");
    harness().networks.set("bob", "home");
    await harness().attach("bob");
    await harness().detach("bob");
    await harness().pass(WINDOW_MS);
    expect(await harness().report("ann", matchId)).toMatchObject({ state: "reported", partnerKey: "cafe" });
  });

  it("state whether an offer was answered in the match, during and after it", async () => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob");
    await harness().relay("bob", matchId, 1, answer);
    await harness().relay("ann", matchId, 1, candidate("here"), { kind: "candidates_done" });
    await harness().leave("bob");
    expect(await harness().report("ann", matchId)).toMatchObject({ state: "reported", bothHeard: false });
    await harness().enter("cyd", "dan");
    const other = await harness().couple("cyd", "dan");
    await harness().relay("cyd", other, 1, answer);
    expect(await harness().report("cyd", other)).toMatchObject({ state: "reported", bothHeard: true });
    expect(await harness().report("dan", other)).toMatchObject({ state: "reported", bothHeard: true });
    expect(await harness().report("dan", other)).toMatchObject({ state: "repeated", bothHeard: true });
  });

  it("are accepted for own matches of the last ten minutes only", async () => {
    await harness().enter("ann", "bob", "cyd");
    const matchId = await harness().couple("ann", "bob");
    await harness().leave("ann");
    expect(await harness().report("cyd", matchId)).toEqual({ state: "over" });
    await harness().pass(600_000);
    expect(await harness().report("ann", matchId)).toMatchObject({ state: "reported" });
    await harness().pass(1);
    expect(await harness().report("bob", matchId)).toEqual({ state: "over" });
  });

  it("are accepted for an earlier match even if the two were matched very often since", async () => {
    await harness().enter("ann", "vile", "kind");
    const vile = await harness().couple("ann", "vile");
    await harness().leave("vile");
    const kind = await harness().couple("ann", "kind");
    await harness().leave("kind");
    for (let count = 0; count < 2 * limits.pastMatches; count++) {
      const name = `bot-${String(count)}`;
      harness().networks.set(
        name,
        `bots-${String(count)}.subnet-${String(count % 50)}.${count % 2 === 0 ? "one" : "two"}`,
      );
      await harness().enter(name);
      await harness().couple("ann", name);
      await harness().leave(name);
      harness().nowMs++;
    }
    for (const matchId of [vile, kind])
      expect(await harness().report("ann", matchId)).toMatchObject({ state: "reported" });
    expect(await harness().report("ann", await harness().matchIdOf("bot-0"))).toEqual({ state: "over" });
  });

  it("are limited per session", async () => {
    await harness().enter("ann", "last");
    let matchId: MatchId | undefined;
    for (let count = 0; count < limits.reportedPartners; count++) {
      const name = `partner-${String(count)}`;
      await harness().enter(name);
      matchId = await harness().couple("ann", name);
      expect(await harness().report("ann", matchId)).toMatchObject({ state: "reported" });
    }
    if (matchId !== undefined) expect(await harness().report("ann", matchId)).toMatchObject({ state: "repeated" });
    expect(await harness().report("ann", await harness().couple("ann", "last"))).toEqual({ state: "exhausted" });
    expect(await harness().stores.lobby.count()).toMatchObject({ matches: 1 });
  });

  it("remove a session that many report from the queue", async () => {
    await harness().enter("pest");
    for (let count = 0; count < limits.reportedPartners; count++) {
      const name = `victim-${String(count)}`;
      await harness().enter(name);
      const matchId = await harness().couple("pest", name);
      await harness().leave(name);
      await harness().match("pest");
      await harness().report(name, matchId);
    }
    expect(await harness().stores.lobby.count()).toMatchObject({ waiting: 0, matches: 0 });
  });

  it("count once per pair towards closing the reported session, however many matches the two had", async () => {
    await harness().enter("pest");
    for (let count = 0; count < limits.reportedPartners / 5; count++) {
      const name = `victim-${String(count)}`;
      await harness().enter(name);
      const matchIds = [];
      for (let match = 0; match < 5; match++) {
        matchIds.push(await harness().couple("pest", name));
        await harness().leave(name);
        await harness().pass(AVOID_MS);
      }
      for (const matchId of matchIds)
        expect(await harness().report(name, matchId)).toMatchObject({ state: "reported" });
    }
    expect(await harness().read("pest")).not.toMatchObject({ state: "closed" });
  });

  it("close a session that many report, which may reconnect", async () => {
    await harness().enter("pest");
    for (let count = 0; count < limits.reportedPartners; count++) {
      const name = `victim-${String(count)}`;
      await harness().enter(name);
      await harness().report(name, await harness().couple("pest", name));
      await harness().leave(name);
    }
    expect(await harness().read("pest")).toEqual({ state: "closed", reason: "expired" });
  });
}
