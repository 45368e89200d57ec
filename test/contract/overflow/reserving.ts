import { expect, it } from "vitest";
import { OVERFLOW_AFTER_MS, type TwoRealms } from "../two-realms.js";
import { LEASE_MS, Travel } from "./travel.js";

export function reservingContract(current: () => TwoRealms): void {
  const travel = () => new Travel(current());

  it("is for those who have waited for long, in turn", async () => {
    const { home } = current();
    await home.enter("ann", "bob", "cyd");
    for (const name of ["ann", "bob", "cyd"]) await home.match(name, { languages: [name === "ann" ? "en" : name] });
    expect(await travel().reserve(8)).toEqual([]);
    await current().pass(OVERFLOW_AFTER_MS);
    const seen = new Set<string>();
    for (let turn = 0; turn < 3; turn++) {
      const reservation = await travel().reserveOne();
      seen.add(reservation.traveller.sessionId);
      await travel().release(reservation);
    }
    expect(seen.size).toBe(3);
  });

  it("keeps a session from others until it is released, unseen by it", async () => {
    const { home } = current();
    await travel().wait("ann");
    const before = await home.events("ann");
    const reservation = await travel().reserveOne();
    expect(await travel().reserve()).toEqual([]);
    await home.enter("bob");
    expect(await home.match("bob")).toEqual({ state: "waiting" });
    expect(await home.events("ann")).toEqual(before);
    await travel().release(reservation);
    await travel().release(reservation);
    expect(await home.matchIdOf("ann")).toBe(await home.matchIdOf("bob"));
    expect(await home.matchIdOf("ann")).not.toBe(reservation.matchId);
  });

  it("ends by itself, and the session is back in its place", async () => {
    const { home } = current();
    await travel().wait("ann");
    await travel().reserveOne();
    await home.enter("bob", "cyd");
    await home.match("bob", { languages: ["de"] });
    await home.pass(LEASE_MS);
    expect((await home.stores.lobby.count()).waiting + 2 * (await home.stores.lobby.count()).matches).toBe(2);
    await home.match("cyd", { languages: ["en"] });
    expect(await home.stores.lobby.count()).toMatchObject({ matches: 1 });
    expect(await home.last("ann", "matched")).toBeDefined();
  });

  it.each(["leave", "detach", "return", "amend"] as const)("lapses when the session does so: %s", async (how) => {
    const { home, abroad } = current();
    await abroad.enter("bob");
    await abroad.match("bob");
    await travel().wait("ann");
    const reservation = await travel().reserveOne();
    const hosted = await travel().find(reservation);
    if (how === "leave") await home.leave("ann");
    if (how === "detach" || how === "return") await home.detach("ann");
    if (how === "return") await home.attach("ann");
    if (how === "amend") await home.match("ann", { languages: ["en"] });
    expect(await travel().receive(reservation, hosted)).toEqual({ state: "lapsed" });
    expect(await home.stores.lobby.count()).toMatchObject({ sessions: 1, matches: 0 });
    expect(await home.last("ann", "matched")).toBeUndefined();
    await travel().depart(reservation);
    expect(await abroad.last("bob", "match_ended")).toMatchObject({ reason: "partner_unresponsive", requeued: true });
    expect(await abroad.stores.lobby.count()).toEqual({ sessions: 1, waiting: 1, matches: 0 });
  });

  it("is not for those who ask a price, whom nobody there could pay", async () => {
    const { abroad } = current();
    await travel().wait("ann", { priceMsat: 1_000 });
    expect(await travel().reserve()).toEqual([]);
    await abroad.enter("bob");
    await abroad.match("bob", { priceMsat: 1_000 });
    await travel().wait("cyd", { languages: ["en"] });
    const [reservation] = [...(await travel().reserve(8))];
    if (reservation !== undefined) expect(await travel().visit(reservation)).toEqual({ state: "nobody" });
  });
}
