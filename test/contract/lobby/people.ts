import { expect, it } from "vitest";
import type { SessionId } from "../../../src/core/ids.js";
import { AVOID_MS, AVOID_REPORTED_MS } from "../../../src/core/limits.js";
import type { LobbyHarness } from "../lobby-harness.js";

/** Gives sessions the same person, each on its own network. */
function belongTo(harness: LobbyHarness, person: string, ...names: string[]): void {
  for (const name of names) harness.networks.set(name, `~${person}.net-${name}`);
}

const counts = (harness: LobbyHarness) => harness.stores.lobby.count();

export function peopleContract(harness: () => LobbyHarness): void {
  it("never pairs two sessions of one person, and pairs each with others", async () => {
    belongTo(harness(), "pat", "phone", "laptop");
    await harness().enter("phone", "laptop", "ann", "bob");
    for (const name of ["phone", "laptop"]) await harness().match(name);
    await harness().pass(60_000);
    expect(await counts(harness())).toEqual({ sessions: 4, waiting: 2, matches: 0 });
    for (const name of ["ann", "bob"]) await harness().match(name);
    expect(await counts(harness())).toEqual({ sessions: 4, waiting: 0, matches: 2 });
    expect(await harness().matchIdOf("phone")).not.toBe(await harness().matchIdOf("laptop"));
  });

  it("does not pair them after a return, on another network, or with new preferences", async () => {
    belongTo(harness(), "pat", "phone", "laptop");
    await harness().enter("phone", "laptop");
    await harness().match("phone", { interests: ["chess"] });
    await harness().detach("phone");
    await harness().match("laptop", { interests: ["chess"] });
    harness().networks.set("phone", "~pat.cafe");
    await harness().attach("phone");
    await harness().match("laptop");
    await harness().match("phone");
    await harness().pass(60_000);
    expect(await counts(harness())).toEqual({ sessions: 2, waiting: 2, matches: 0 });
  });

  it("finds the partner behind many sessions of the seeker's person", async () => {
    const own = Array.from({ length: 70 }, (_, index) => `own-${String(index)}`);
    belongTo(harness(), "pat", ...own, "seeker");
    await harness().enter(...own, "ann", "seeker");
    for (const name of own) await harness().match(name, { languages: ["de"] });
    await harness().match("ann", { languages: ["fr"] });
    await harness().match("seeker", { languages: ["de", "fr"] });
    await harness().pass(60_000);
    expect(await harness().matchIdOf("seeker")).toBe(await harness().matchIdOf("ann"));
  });

  it.each([
    ["the one who blocked", "~ann", "~pat"],
    ["the one who was blocked", "~pat", "~ann"],
  ])("never pairs %s with the other, in any session, until that ends", async (_, blocker, other) => {
    belongTo(harness(), "ann", "ann", "ann-later");
    belongTo(harness(), "pat", "pat", "pat-later");
    harness().blocked.set(blocker === "~ann" ? "ann" : "pat", [other]);
    await harness().enter("ann", "pat", "ann-later", "pat-later");
    for (const name of ["ann", "pat"]) await harness().match(name);
    await harness().pass(120_000);
    await harness().leave("ann");
    await harness().match("ann-later");
    await harness().pass(120_000);
    expect(await counts(harness())).toMatchObject({ waiting: 2, matches: 0 });
    await harness().unblock(blocker, other);
    await harness().match("pat-later");
    expect(await counts(harness())).toMatchObject({ matches: 1 });
  });

  it("ends the match of two when one blocks the other, and lets both wait again", async () => {
    belongTo(harness(), "ann", "ann");
    belongTo(harness(), "pat", "pat");
    await harness().enter("ann", "pat");
    await harness().couple("ann", "pat", { rematch: true });
    await harness().block("~pat", "~ann");
    for (const name of ["ann", "pat"]) {
      expect(await harness().last(name, "match_ended")).toMatchObject({ reason: "partner_left", requeued: true });
    }
    await harness().pass(120_000);
    expect(await counts(harness())).toMatchObject({ waiting: 2, matches: 0 });
    await harness().block("~pat", "~ann"); // again, without effect
    expect(await counts(harness())).toMatchObject({ waiting: 2, matches: 0 });
  });

  it("ends no other match when a person blocks another", async () => {
    belongTo(harness(), "ann", "ann");
    belongTo(harness(), "pat", "pat");
    await harness().enter("ann", "pat", "bob", "cyd");
    await harness().couple("ann", "bob");
    await harness().couple("pat", "cyd");
    await harness().block("~pat", "~ann");
    await harness().block("~ann", "~absent");
    expect(await counts(harness())).toMatchObject({ matches: 2 });
  });

  it("forgets the blocks of a person whose last session was closed, as the next one brings them", async () => {
    belongTo(harness(), "ann", "ann");
    belongTo(harness(), "pat", "phone", "laptop", "later");
    harness().blocked.set("phone", ["~ann"]);
    await harness().enter("phone", "laptop", "ann");
    const close = (keep: number) => harness().close("~pat", { reason: "superseded", keep, limit: 10 });
    await close(1);
    await harness().match("laptop");
    await harness().match("ann");
    expect(await counts(harness())).toMatchObject({ waiting: 2, matches: 0 });
    await close(0);
    await harness().block("~pat", "~ann"); // without a session: the store of people keeps it
    await harness().enter("later");
    await harness().match("later");
    expect(await counts(harness())).toMatchObject({ waiting: 0, matches: 1 });
  });

  it("avoids a person after a match in its next session too, for as long as in the same", async () => {
    belongTo(harness(), "pat", "phone", "laptop");
    await harness().enter("phone", "ann");
    await harness().couple("phone", "ann");
    await harness().leave("phone");
    await harness().close("~pat", { reason: "superseded", keep: 0, limit: 10 });
    await harness().enter("laptop");
    for (const name of ["ann", "laptop"]) await harness().match(name);
    expect(await counts(harness())).toMatchObject({ waiting: 2, matches: 0 });
    expect((await harness().last("laptop", "waiting"))?.onlyRecentPartners).toBe(true);
    await harness().pass(AVOID_MS);
    expect(await counts(harness())).toMatchObject({ waiting: 0, matches: 1 });
  });

  it("avoids the browser of a stranger after a match in its next session too", async () => {
    for (const name of ["tab", "later"]) harness().networks.set(name, `^browser.net-${name}`);
    await harness().enter("tab", "ann", "later");
    await harness().couple("tab", "ann");
    await harness().leave("tab");
    for (const name of ["ann", "later"]) await harness().match(name);
    expect(await counts(harness())).toMatchObject({ waiting: 2, matches: 0 });
    await harness().pass(AVOID_MS);
    expect(await counts(harness())).toMatchObject({ waiting: 0, matches: 1 });
  });

  it("pairs two tabs of one browser", async () => {
    for (const name of ["tab", "other"]) harness().networks.set(name, "^browser.net");
    await harness().enter("tab", "other");
    await harness().couple("tab", "other");
    expect(await counts(harness())).toMatchObject({ matches: 1 });
  });

  it("keeps only those two tabs of a browser apart that parted", async () => {
    const tabs = ["tab", "other", "third"];
    for (const name of tabs) harness().networks.set(name, "^browser.net");
    await harness().enter(...tabs);
    await harness().couple("tab", "other");
    await harness().leave("tab");
    await harness().match("other");
    await harness().match("tab");
    expect(await counts(harness())).toMatchObject({ waiting: 2, matches: 0 });
    await harness().match("third");
    expect(await counts(harness())).toMatchObject({ waiting: 1, matches: 1 });
  });

  it("closes the sessions of a browser", async () => {
    harness().networks.set("phone", "~pat.^browser.net-phone");
    harness().networks.set("tab", "^browser.net-tab");
    await harness().enter("phone", "tab", "ann");
    expect(await harness().close("^browser", { reason: "banned", keep: 0, limit: 10 })).toEqual({ closed: 2 });
    expect(await counts(harness())).toMatchObject({ sessions: 1 });
  });

  it.each([
    ["by a stranger", "ann", "phone"],
    ["of a stranger", "phone", "ann"],
  ])("keeps a person apart for a day after a report %s, in its next sessions", async (_, reporter) => {
    belongTo(harness(), "pat", "phone", "laptop");
    await harness().enter("phone", "ann", "laptop");
    const matchId = await harness().couple("phone", "ann");
    expect(await harness().report(reporter, matchId)).toMatchObject({ state: "reported" });
    for (const name of ["laptop", "ann"]) await harness().match(name);
    await harness().pass(AVOID_REPORTED_MS - 1);
    expect(await counts(harness())).toMatchObject({ waiting: 2, matches: 0 });
    await harness().pass(1);
    expect(await counts(harness())).toMatchObject({ waiting: 0, matches: 1 });
  });

  it("delivers the profile of each side to the other, with the match and with a snapshot", async () => {
    const ann = { name: "Ann", pictureUrl: "https://example.com/ann.png", badges: ["verified"] };
    harness().profiles.set("ann", ann);
    belongTo(harness(), "ann", "ann");
    await harness().enter("ann", "bob");
    await harness().couple("ann", "bob");
    expect(await harness().last("bob", "matched")).toMatchObject({ partnerProfile: ann });
    expect((await harness().last("ann", "matched"))?.partnerProfile).toBeUndefined();
    expect((await harness().attach("bob", { epoch: "" })).snapshot).toMatchObject({ partnerProfile: ann });
    expect((await harness().attach("ann", { epoch: "" })).snapshot).not.toHaveProperty("partnerProfile.name");
  });

  it("takes a new profile with a newer stream, for further matches only", async () => {
    belongTo(harness(), "ann", "ann");
    harness().profiles.set("ann", { name: "Ann" });
    await harness().enter("ann", "bob", "cyd");
    await harness().couple("ann", "bob");
    harness().profiles.set("ann", { name: "Ann M." });
    await harness().attach("ann");
    expect((await harness().attach("bob", { epoch: "" })).snapshot).toMatchObject({ partnerProfile: { name: "Ann" } });
    harness().profiles.delete("ann"); // a stream without a profile keeps the newest
    await harness().attach("ann");
    await harness().leave("ann");
    await harness().couple("ann", "cyd");
    expect(await harness().last("cyd", "matched")).toMatchObject({ partnerProfile: { name: "Ann M." } });
  });

  it("closes the oldest sessions of a person, and keeps the newest", async () => {
    belongTo(harness(), "pat", "first", "second", "third");
    await harness().enter("first", "second", "third", "ann");
    await harness().couple("first", "ann", { rematch: true });
    const stop = harness().stores.mailbox.watch("first" as SessionId, () => undefined);
    const closing = { reason: "superseded", keep: 2, limit: 10 } as const;
    expect(await harness().close("~pat", closing)).toEqual({ closed: 1 });
    expect(await harness().read("first")).toEqual({ state: "closed", reason: "superseded" });
    stop();
    expect(await harness().last("ann", "match_ended")).toMatchObject({ reason: "partner_left", requeued: true });
    expect(await harness().close("~pat", closing)).toEqual({ closed: 0 });
    expect(await harness().close("~pat", { ...closing, keep: 0, limit: 1 })).toEqual({ closed: 1 });
    expect((await harness().read("third")).state).toBe("events");
  });

  it("closes the sessions of a person on every network, and no other of these networks", async () => {
    belongTo(harness(), "pat", "phone", "laptop");
    harness().networks.set("neighbour", "net-phone");
    await harness().enter("phone", "laptop", "neighbour");
    expect(await harness().close("~pat", { reason: "banned", keep: 0, limit: 10 })).toEqual({ closed: 2 });
    expect((await harness().read("neighbour")).state).toBe("events");
    expect(await counts(harness())).toEqual({ sessions: 1, waiting: 0, matches: 0 });
  });

  it("reports the person and the network of both sides of a match", async () => {
    belongTo(harness(), "pat", "phone");
    await harness().enter("phone", "ann");
    const matchId = await harness().couple("phone", "ann");
    const keys = { partnerKey: "~pat.net-phone", reporterKey: "net-ann" };
    expect(await harness().report("ann", matchId)).toMatchObject({ state: "reported", ...keys });
    expect(await harness().report("ann", matchId)).toMatchObject({ state: "repeated", ...keys });
  });
}
