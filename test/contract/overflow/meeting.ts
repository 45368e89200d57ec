import { expect, it } from "vitest";
import { soon } from "../../support/soon.js";
import { answer, candidate } from "../lobby-harness.js";
import { OVERFLOW_AFTER_MS, type TwoRealms } from "../two-realms.js";

export function meetingContract(current: () => TwoRealms): void {
  it("meet when one has waited for long", async () => {
    const { home, abroad, outcomes } = current();
    await home.enter("ann");
    await abroad.enter("bob");
    await home.match("ann");
    await abroad.match("bob");
    const overflow = current().instance();
    await overflow.step();
    expect(await home.last("ann", "matched")).toBeUndefined();
    await current().pass(OVERFLOW_AFTER_MS);
    await overflow.step();
    const [ann, bob] = [await home.last("ann", "matched"), await abroad.last("bob", "matched")];
    expect(ann).toMatchObject({ role: "offerer", relayOnly: false });
    expect(bob).toMatchObject({ role: "answerer", matchId: ann?.matchId });
    expect(outcomes).toEqual(["matched"]);
  });

  it("receive each other's signals in order", async () => {
    const { home, abroad } = current();
    const matchId = await couple();
    for (const [sequence, text] of ["one", "two", "three"].entries()) {
      await home.relay("ann", matchId, sequence + 1, candidate(text));
    }
    await abroad.relay("bob", matchId, 1, answer);
    await soon(async () => {
      const sent = (await abroad.events("bob")).flatMap((event) => (event.type === "signaled" ? event.signals : []));
      expect(sent).toEqual(["one", "two", "three"].map((text) => JSON.stringify([candidate(text)])));
      expect(await home.last("ann", "signaled")).toMatchObject({ matchId, described: true });
    });
  });

  it("are told what the other one does", async () => {
    const { home, abroad } = current();
    await couple();
    await abroad.detach("bob");
    await soon(async () => {
      const away = await home.last("ann", "partner_away");
      expect(away?.deadlineMs).toBe(home.nowMs + 60_000);
    });
    await abroad.attach("bob");
    await soon(async () => expect(await home.last("ann", "partner_back")).toBeDefined());
    await home.leave("ann");
    await soon(async () => expect(await abroad.last("bob", "match_ended")).toMatchObject({ reason: "partner_left" }));
  });

  it("leave no guest behind", async () => {
    const { home, abroad, outcomes } = current();
    const matchId = await couple();
    await abroad.match("bob", { leave: matchId });
    await soon(async () => {
      expect(await home.last("ann", "match_ended")).toMatchObject({ reason: "partner_skipped" });
      expect(await home.stores.lobby.count()).toEqual({ sessions: 1, waiting: 0, matches: 0 });
      expect(await abroad.stores.lobby.count()).toEqual({ sessions: 1, waiting: 1, matches: 0 });
      expect(outcomes).toContain("ended");
    });
  });

  it("meet although both realms offer theirs at the same time", async () => {
    const { home, abroad } = current();
    await home.enter("ann");
    await abroad.enter("bob");
    await home.match("ann");
    await abroad.match("bob");
    await current().pass(OVERFLOW_AFTER_MS);
    for (const overflow of [current().instance(), current().instanceAbroad()]) overflow.start();
    await soon(async () => expect(await home.matchIdOf("ann")).toBe(await abroad.matchIdOf("bob")));
  });

  it("lose no signal when another instance takes their match over", async () => {
    const { home, abroad } = current();
    const matchId = await couple();
    await home.relay("ann", matchId, 1, candidate("one"));
    const stopping = current().stopFirst();
    const second = current().instance();
    await soon(async () => {
      await second.step();
      expect(second.size).toBe(1);
    });
    await stopping;
    await home.relay("ann", matchId, 2, candidate("two"));
    await abroad.relay("bob", matchId, 1, answer);
    await soon(async () => {
      const sent = (await abroad.events("bob")).flatMap((event) => (event.type === "signaled" ? event.signals : []));
      expect(sent).toEqual(["one", "two"].map((text) => JSON.stringify([candidate(text)])));
      expect(await home.last("ann", "signaled")).toBeDefined();
    });
    const types = (await home.events("ann")).map(({ type }) => type);
    expect(types, "nobody notices").not.toContain("partner_away");
  });

  async function couple() {
    const { home, abroad } = current();
    await home.enter("ann");
    await abroad.enter("bob");
    await home.match("ann");
    await abroad.match("bob");
    await current().pass(OVERFLOW_AFTER_MS);
    await current().instance().step();
    return home.matchIdOf("ann");
  }
}
