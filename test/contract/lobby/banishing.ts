import { expect, it } from "vitest";
import type { SessionId } from "../../../src/core/ids.js";
import { type Stage, WINDOW_MS } from "../stage.js";

export function banishingContract(stage: () => Stage): void {
  it("closes every session of a network, away ones too, and no other", async () => {
    for (const name of ["ann", "bob"]) stage().networks.set(name, "bad");
    await stage().enter("ann", "bob", "cyd");
    for (const name of ["ann", "bob"]) await stage().match(name, { languages: [name === "ann" ? "de" : "en"] });
    await stage().detach("bob");
    const watched = ["ann", "bob"].map((name) => stage().stores.mailbox.watch(name as SessionId, () => undefined));
    expect(await stage().banish("bad")).toEqual({ closed: 2 });
    for (const name of ["ann", "bob"]) expect(await stage().read(name)).toEqual({ state: "closed", reason: "banned" });
    watched.forEach((stop) => stop());
    expect((await stage().read("cyd")).state).toBe("events");
    expect(await stage().stores.lobby.count()).toEqual({ sessions: 1, waiting: 0, matches: 0 });
  });

  it("tells the partner that the match ended because of a ban, and lets it queue again if it wished", async () => {
    stage().networks.set("ann", "bad");
    await stage().enter("ann", "bob");
    const matchId = await stage().couple("ann", "bob", { rematch: true });
    await stage().banish("bad");
    expect(await stage().last("bob", "match_ended")).toMatchObject({ matchId, reason: "banned", requeued: true });
    expect(await stage().stores.lobby.count()).toEqual({ sessions: 1, waiting: 1, matches: 0 });
  });

  it("pairs nobody with one who is about to be closed, too", async () => {
    for (const name of ["bad-1", "bad-2", "bad-3"]) stage().networks.set(name, "bad");
    await stage().enter("ann", "bad-1", "bad-2", "bad-3");
    await stage().couple("bad-1", "ann", { rematch: true });
    await stage().couple("bad-2", "bad-3", { rematch: true });
    const matchId = await stage().matchIdOf("ann");
    await stage().banish("bad");
    expect(await stage().matchIdOf("ann")).toBe(matchId);
    expect(await stage().stores.lobby.count()).toEqual({ sessions: 1, waiting: 1, matches: 0 });
  });

  it("pairs nobody with one who waits and is about to be closed", async () => {
    for (const name of ["bad-1", "bad-2"]) stage().networks.set(name, "bad");
    await stage().enter("ann", "bad-1", "bad-2");
    const matchId = await stage().couple("bad-1", "ann", { rematch: true });
    await stage().match("bad-2");
    await stage().banish("bad");
    expect(await stage().matchIdOf("ann")).toBe(matchId);
    expect(await stage().stores.lobby.count()).toEqual({ sessions: 1, waiting: 1, matches: 0 });
  });

  it("changes nothing the second time", async () => {
    await stage().enter("ann");
    expect(await stage().banish("net-ann")).toEqual({ closed: 1 });
    expect(await stage().banish("net-ann")).toEqual({ closed: 0 });
  });

  it("closes no more in one step than it may", async () => {
    for (const name of ["ann", "bob", "cyd"]) stage().networks.set(name, "bad");
    await stage().enter("ann", "bob", "cyd");
    expect(await stage().banish("bad", 2)).toEqual({ closed: 2 });
    expect(await stage().banish("bad", 2)).toEqual({ closed: 1 });
  });

  it("goes by the network of the newest stream", async () => {
    await stage().enter("ann");
    stage().networks.set("ann", "cafe");
    await stage().attach("ann");
    expect(await stage().banish("net-ann")).toEqual({ closed: 0 });
    expect(await stage().banish("cafe")).toEqual({ closed: 1 });
  });

  it("holds on a wider network that the sessions' own is part of", async () => {
    for (const [name, network] of Object.entries({ ann: "a.home.site", bob: "b.home.site", cyd: "c.other.site" })) {
      stage().networks.set(name, network);
    }
    await stage().enter("ann", "bob", "cyd");
    expect(await stage().banish("home")).toEqual({ closed: 2 });
    expect(await stage().banish("a")).toEqual({ closed: 0 });
    expect(await stage().banish("site")).toEqual({ closed: 1 });
  });

  it("knows nobody whose session is over", async () => {
    await stage().enter("ann");
    await stage().detach("ann");
    await stage().pass(WINDOW_MS);
    expect(await stage().banish("net-ann")).toEqual({ closed: 0 });
  });
}
