import { expect, it } from "vitest";
import type { Event } from "../../../src/core/event.js";
import type { MatchId, SessionId, TipId } from "../../../src/core/ids.js";
import { answer, candidate, offer, type Stage, WINDOW_MS } from "../stage.js";

export function separatingContract(stage: () => Stage): void {
  const partner = (name: string, matchId: MatchId) =>
    stage().stores.lobby.partner({ sessionId: name as SessionId, matchId, nowMs: stage().nowMs });
  const apart = (name: string, ...names: string[]) =>
    stage().stores.lobby.apart({ sessionId: name as SessionId, partnerIds: names as SessionId[] });
  const tip = (matchId: MatchId, role: "payer" | "payee", state: "offered" | "settled"): Event => ({
    ...{ type: "tip_updated", role, id: "tip" as TipId, matchId, amountMsat: 1000, comment: "words", state },
    ...{ createdMs: 1, deadlineMs: 2 },
  });
  const tell = (name: string, event: Event, about?: string, instead?: Event) =>
    stage().stores.lobby.append({
      ...{ sessionId: name as SessionId, event, nowMs: stage().nowMs },
      ...(about !== undefined && { partner: { partnerId: about as SessionId, apart: instead } }),
    });

  it.each([
    ["the one who reported", "ann"],
    ["the one who was reported", "bob"],
  ])("leaves %s without a partner in that match", async (_, name) => {
    await stage().enter("ann", "bob");
    const matchId = await stage().couple("ann", "bob");
    await stage().report("ann", matchId);
    expect(await partner(name, matchId)).toEqual({ state: "over" });
  });

  it("holds for every match of the two, and for no other", async () => {
    await stage().enter("ann", "bob", "cyd");
    const first = await stage().couple("ann", "bob");
    await stage().leave("ann");
    const other = await stage().couple("cyd", "ann");
    await stage().leave("ann");
    await stage().pass(60_000);
    const second = await stage().couple("ann", "bob");
    await stage().report("bob", second);
    for (const matchId of [first, second]) expect(await partner("bob", matchId)).toEqual({ state: "over" });
    expect(await partner("ann", other)).toMatchObject({ state: "partner", partnerId: "cyd" });
    expect(await apart("ann", "bob", "cyd")).toEqual(["bob"]);
    expect(await apart("bob", "ann")).toEqual(["ann"]);
    expect(await apart("nobody", "ann")).toEqual([]);
  });

  it("is known of one who is gone", async () => {
    await stage().enter("ann", "bob");
    const matchId = await stage().couple("ann", "bob");
    await stage().detach("bob");
    await stage().pass(WINDOW_MS);
    await stage().report("ann", matchId);
    expect(await apart("ann", "bob")).toEqual(["bob"]);
  });

  it("tells instead what may still be told, or nothing", async () => {
    await stage().enter("ann", "bob");
    const matchId = await stage().couple("ann", "bob");
    const [said, meant] = [tip(matchId, "payee", "offered"), tip(matchId, "payee", "settled")];
    expect(await tell("ann", said, "bob")).toEqual({ state: "appended" });
    await stage().report("ann", matchId);
    const before = (await stage().events("ann")).length;
    expect(await tell("ann", said, "bob")).toEqual({ state: "apart" });
    expect(await tell("ann", said, "bob", meant)).toEqual({ state: "apart" });
    expect((await stage().events("ann")).slice(before)).toEqual([meant]);
    expect(await tell("nobody", said, "bob")).toEqual({ state: "unknown" });
  });

  /** What comes of one who is away while its partner of two matches says something, and is then heard no more. */
  const missed = async (separate: (matchId: MatchId) => Promise<unknown>) => {
    await stage().enter("ann", "bob");
    const first = await stage().couple("ann", "bob");
    const seen = (await stage().events("ann")).length;
    await stage().detach("ann");
    await stage().relay("bob", first, 1, candidate("secret"));
    await stage().leave("bob");
    await stage().attach("ann", { lastSequence: seen });
    await stage().pass(60_000);
    await stage().match("ann");
    await stage().detach("ann");
    await stage().attach("ann", { lastSequence: seen });
    await stage().match("bob", { offer: { ...offer, sdp: `${offer.sdp}secret` } });
    const second = await stage().matchIdOf("bob");
    await stage().relay("bob", second, 1, candidate("secret"), { kind: "description", ...offer });
    await stage().relay("ann", second, 1, answer);
    await tell("ann", { ...tip(second, "payee", "offered"), comment: "secret" } as Event);
    await tell("ann", { ...tip(second, "payee", "settled"), comment: "secret" } as Event);
    await separate(second);
    const back = await stage().attach("ann", { lastSequence: seen });
    expect(back).toMatchObject({ resumed: true, lastSequence: seen });
    const mail = await stage().read("ann", seen);
    if (mail.state !== "events") throw new Error(mail.state);
    expect(mail.events.map(({ sequence }) => sequence)).toEqual(mail.events.map((_, index) => seen + 1 + index));
    return mail.events.map(({ event }) => event);
  };

  it.each([
    ["it reported", (matchId: MatchId) => stage().report("ann", matchId)],
    ["that reported it", (matchId: MatchId) => stage().report("bob", matchId)],
    ["that was banned", () => stage().banish("net-bob")],
  ])("takes out of a mailbox what came from one %s, and leaves no gap", async (_, separate) => {
    const events = await missed(separate);
    expect(JSON.stringify(events)).not.toContain("secret");
    expect(events.filter(({ type }) => type === "match_ended")).toHaveLength(2);
    expect(events.filter(({ type }) => type === "tip_updated")).toMatchObject([{ state: "settled", comment: "" }]);
  });

  it("takes it out as well when the report comes after the match", async () => {
    await stage().enter("ann", "bob");
    const matchId = await stage().couple("bob", "ann");
    await stage().detach("ann");
    await stage().relay("bob", matchId, 1, candidate("secret"));
    await stage().leave("bob");
    await stage().report("ann", matchId);
    expect(JSON.stringify(await stage().events("ann"))).not.toContain("secret");
  });

  it("takes nothing out when a match ends otherwise", async () => {
    const events = await missed(() => stage().leave("bob"));
    expect(JSON.stringify(events).match(/secret/g)).toHaveLength(5);
  });

  it("takes out nothing of what comes later", async () => {
    await stage().enter("ann", "bob", "cyd");
    await stage().report("ann", await stage().couple("ann", "bob"));
    const matchId = await stage().couple("cyd", "ann");
    await stage().relay("cyd", matchId, 1, candidate("welcome"));
    expect(JSON.stringify(await stage().last("ann", "signaled"))).toContain("welcome");
  });
}
