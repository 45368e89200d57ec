import { expect, it } from "vitest";
import type { Event } from "../../../src/core/event.js";
import type { MatchId, SessionId, TipId } from "../../../src/core/ids.js";
import { soon } from "../../support/soon.js";
import { answer, candidate, offer, type LobbyHarness, WINDOW_MS } from "../lobby-harness.js";

export function separatingContract(harness: () => LobbyHarness): void {
  const partner = (name: string, matchId: MatchId) =>
    harness().stores.lobby.partner({ sessionId: name as SessionId, matchId, nowMs: harness().nowMs });
  const apart = (name: string, ...names: string[]) =>
    harness().stores.lobby.apart({ sessionId: name as SessionId, partnerIds: names as SessionId[] });
  const tip = (matchId: MatchId, role: "payer" | "payee", state: "offered" | "settled"): Event => ({
    ...{ type: "tip_updated", role, id: "tip" as TipId, matchId, amountMsat: 1000, comment: "words", state },
    ...{ createdMs: 1, deadlineMs: 2 },
  });
  const appendTo = (name: string, event: Event, about?: string, instead?: Event) =>
    harness().stores.lobby.append({
      ...{ sessionId: name as SessionId, event, nowMs: harness().nowMs },
      ...(about !== undefined && { partner: { partnerId: about as SessionId, apart: instead } }),
    });

  it.each([
    ["the reporter", "ann"],
    ["the reported side", "bob"],
  ])("leaves %s without a partner in that match", async (_, name) => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob");
    await harness().report("ann", matchId);
    expect(await partner(name, matchId)).toEqual({ state: "over" });
  });

  it("applies to every match of the two, and to no other", async () => {
    await harness().enter("ann", "bob", "cyd");
    const first = await harness().couple("ann", "bob");
    await harness().leave("ann");
    const other = await harness().couple("cyd", "ann");
    await harness().leave("ann");
    await harness().pass(60_000);
    const second = await harness().couple("ann", "bob");
    await harness().report("bob", second);
    for (const matchId of [first, second]) expect(await partner("bob", matchId)).toEqual({ state: "over" });
    expect(await partner("ann", other)).toMatchObject({ state: "partner", partnerId: "cyd" });
    expect(await apart("ann", "bob", "cyd")).toEqual(["bob"]);
    expect(await apart("bob", "ann")).toEqual(["ann"]);
    expect(await apart("nobody", "ann")).toEqual([]);
  });

  it("is known for a closed session", async () => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob");
    await harness().detach("bob");
    await harness().pass(WINDOW_MS);
    await harness().report("ann", matchId);
    expect(await apart("ann", "bob")).toEqual(["bob"]);
  });

  it("delivers the redacted event instead, or none", async () => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob");
    const [said, meant] = [tip(matchId, "payee", "offered"), tip(matchId, "payee", "settled")];
    expect(await appendTo("ann", said, "bob")).toEqual({ state: "appended" });
    await harness().report("ann", matchId);
    const before = (await harness().events("ann")).length;
    expect(await appendTo("ann", said, "bob")).toEqual({ state: "apart" });
    expect(await appendTo("ann", said, "bob", meant)).toEqual({ state: "apart" });
    expect((await harness().events("ann")).slice(before)).toEqual([meant]);
    expect(await appendTo("nobody", said, "bob")).toEqual({ state: "unknown" });
  });

  /** The mailbox of a side that is away while its partner of two matches sends signals, and is then separated. */
  const missed = async (separate: (matchId: MatchId) => Promise<unknown>) => {
    await harness().enter("ann", "bob");
    const first = await harness().couple("ann", "bob");
    const seen = (await harness().events("ann")).length;
    await harness().detach("ann");
    await harness().relay("bob", first, 1, candidate("secret"));
    await harness().leave("bob");
    await harness().attach("ann", { lastSequence: seen });
    await harness().pass(60_000);
    await harness().match("ann");
    await harness().detach("ann");
    await harness().attach("ann", { lastSequence: seen });
    await harness().match("bob", { offer: { ...offer, sdp: `${offer.sdp}secret` } });
    const second = await harness().matchIdOf("bob");
    await harness().relay("bob", second, 1, candidate("secret"), { kind: "description", ...offer });
    await harness().relay("ann", second, 1, answer);
    await appendTo("ann", { ...tip(second, "payee", "offered"), comment: "secret" } as Event);
    await appendTo("ann", { ...tip(second, "payee", "settled"), comment: "secret" } as Event);
    await separate(second);
    const back = await harness().attach("ann", { lastSequence: seen });
    expect(back).toMatchObject({ resumed: true, lastSequence: seen });
    const mail = await harness().read("ann", seen);
    if (mail.state !== "events") throw new Error(mail.state);
    expect(mail.events.map(({ sequence }) => sequence)).toEqual(mail.events.map((_, index) => seen + 1 + index));
    return mail.events.map(({ event }) => event);
  };

  it.each([
    ["it reported", (matchId: MatchId) => harness().report("ann", matchId)],
    ["by its report", (matchId: MatchId) => harness().report("bob", matchId)],
    ["by a ban", () => harness().closeBanned("net-bob")],
  ])("takes out of a mailbox what came from one %s, and leaves no gap", async (_, separate) => {
    const events = await missed(separate);
    expect(JSON.stringify(events)).not.toContain("secret");
    expect(events.filter(({ type }) => type === "match_ended")).toHaveLength(2);
    expect(events.filter(({ type }) => type === "tip_updated")).toMatchObject([{ state: "settled", comment: "" }]);
  });

  it("also redacts events if the report follows the match", async () => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("bob", "ann");
    await harness().detach("ann");
    await harness().relay("bob", matchId, 1, candidate("secret"));
    await harness().leave("bob");
    await harness().report("ann", matchId);
    expect(JSON.stringify(await harness().events("ann"))).not.toContain("secret");
  });

  it("redacts events that a stream is about to read", async () => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("bob", "ann");
    let wakes = 0;
    const stop = harness().stores.mailbox.watch("ann" as SessionId, () => wakes++);
    const seen = (await harness().events("ann")).length;
    await harness().relay("bob", matchId, 1, candidate("secret"));
    await soon(() => expect(wakes).toBeGreaterThan(0));
    const before = wakes;
    await harness().report("ann", matchId);
    await soon(() => expect(wakes).toBeGreaterThan(before));
    expect(JSON.stringify(await harness().read("ann", seen))).not.toContain("secret");
    stop();
  });

  it("keeps events of other partners", async () => {
    await harness().enter("ann", "bob", "cyd");
    const others = await harness().couple("cyd", "ann");
    await harness().detach("ann");
    await harness().relay("cyd", others, 1, candidate("kept"));
    await harness().leave("cyd");
    await harness().attach("ann", { lastSequence: 0 });
    const matchId = await harness().couple("bob", "ann");
    await harness().relay("bob", matchId, 1, candidate("secret"));
    await harness().report("ann", matchId);
    const text = JSON.stringify(await harness().events("ann"));
    expect(text).toContain("kept");
    expect(text).not.toContain("secret");
  });

  it("redacts nothing if a match ends otherwise", async () => {
    const events = await missed(() => harness().leave("bob"));
    expect(JSON.stringify(events).match(/secret/g)).toHaveLength(5);
  });

  it("does not redact later events", async () => {
    await harness().enter("ann", "bob", "cyd");
    await harness().report("ann", await harness().couple("ann", "bob"));
    const matchId = await harness().couple("cyd", "ann");
    await harness().relay("cyd", matchId, 1, candidate("welcome"));
    expect(JSON.stringify(await harness().last("ann", "signaled"))).toContain("welcome");
  });
}
