import { expect, it } from "vitest";
import type { SessionId } from "../../../src/core/ids.js";
import { type LobbyHarness, WINDOW_MS } from "../lobby-harness.js";

export function closeBannedContract(harness: () => LobbyHarness): void {
  it("closes every session of a network, including away ones, and no other", async () => {
    for (const name of ["ann", "bob"]) harness().networks.set(name, "bad");
    await harness().enter("ann", "bob", "cyd");
    for (const name of ["ann", "bob"]) await harness().match(name, { languages: [name === "ann" ? "de" : "en"] });
    await harness().detach("bob");
    const watched = ["ann", "bob"].map((name) => harness().stores.mailbox.watch(name as SessionId, () => undefined));
    expect(await harness().closeBanned("bad")).toEqual({ closed: 2 });
    for (const name of ["ann", "bob"])
      expect(await harness().read(name)).toEqual({ state: "closed", reason: "banned" });
    watched.forEach((stop) => stop());
    expect((await harness().read("cyd")).state).toBe("events");
    expect(await harness().stores.lobby.count()).toEqual({ sessions: 1, waiting: 0, matches: 0 });
  });

  it("notifies the partner that the match ended because of a ban, and requeues it if it asked for a rematch", async () => {
    harness().networks.set("ann", "bad");
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob", { rematch: true });
    await harness().closeBanned("bad");
    expect(await harness().last("bob", "match_ended")).toMatchObject({ matchId, reason: "banned", requeued: true });
    expect(await harness().stores.lobby.count()).toEqual({ sessions: 1, waiting: 1, matches: 0 });
  });

  it("pairs no session with one that is about to be closed", async () => {
    for (const name of ["bad-1", "bad-2", "bad-3"]) harness().networks.set(name, "bad");
    await harness().enter("ann", "bad-1", "bad-2", "bad-3");
    await harness().couple("bad-1", "ann", { rematch: true });
    await harness().couple("bad-2", "bad-3", { rematch: true });
    const matchId = await harness().matchIdOf("ann");
    await harness().closeBanned("bad");
    expect(await harness().matchIdOf("ann")).toBe(matchId);
    expect(await harness().stores.lobby.count()).toEqual({ sessions: 1, waiting: 1, matches: 0 });
  });

  it("pairs no session with a waiting one that is about to be closed", async () => {
    for (const name of ["bad-1", "bad-2"]) harness().networks.set(name, "bad");
    await harness().enter("ann", "bad-1", "bad-2");
    const matchId = await harness().couple("bad-1", "ann", { rematch: true });
    await harness().match("bad-2");
    await harness().closeBanned("bad");
    expect(await harness().matchIdOf("ann")).toBe(matchId);
    expect(await harness().stores.lobby.count()).toEqual({ sessions: 1, waiting: 1, matches: 0 });
  });

  it("has no effect the second time", async () => {
    await harness().enter("ann");
    expect(await harness().closeBanned("net-ann")).toEqual({ closed: 1 });
    expect(await harness().closeBanned("net-ann")).toEqual({ closed: 0 });
  });

  it("closes a limited number of sessions per step", async () => {
    for (const name of ["ann", "bob", "cyd"]) harness().networks.set(name, "bad");
    await harness().enter("ann", "bob", "cyd");
    expect(await harness().closeBanned("bad", 2)).toEqual({ closed: 2 });
    expect(await harness().closeBanned("bad", 2)).toEqual({ closed: 1 });
  });

  it("applies to the network of the newest stream", async () => {
    await harness().enter("ann");
    harness().networks.set("ann", "cafe");
    await harness().attach("ann");
    expect(await harness().closeBanned("net-ann")).toEqual({ closed: 0 });
    expect(await harness().closeBanned("cafe")).toEqual({ closed: 1 });
  });

  it("applies to a wider network that contains the sessions' own", async () => {
    for (const [name, network] of Object.entries({ ann: "a.home.site", bob: "b.home.site", cyd: "c.other.site" })) {
      harness().networks.set(name, network);
    }
    await harness().enter("ann", "bob", "cyd");
    expect(await harness().closeBanned("home")).toEqual({ closed: 2 });
    expect(await harness().closeBanned("a")).toEqual({ closed: 0 });
    expect(await harness().closeBanned("site")).toEqual({ closed: 1 });
  });

  it("does not apply to ended sessions", async () => {
    await harness().enter("ann");
    await harness().detach("ann");
    await harness().pass(WINDOW_MS);
    expect(await harness().closeBanned("net-ann")).toEqual({ closed: 0 });
  });
}
