import { expect, it } from "vitest";
import { SEARCH_PAUSE_MS } from "../../../src/core/limits.js";
import { searchBounds } from "../../../src/core/search.js";
import { HostileCrowd } from "../../support/hostile-crowd.js";
import { offer, type LobbyHarness, WIDEN_MS } from "../lobby-harness.js";

export function searchingContract(harness: () => LobbyHarness): void {
  /** Sessions that `name` must never be matched with again: half by its reports, half by theirs. */
  const shunnedBy = async (name: string, count: number) => {
    const shunned = Array.from({ length: count }, (_, index) => `shunned-${String(index)}`);
    await harness().enter(name, ...shunned);
    for (const [index, other] of shunned.entries()) {
      const matchId = await harness().couple(name, other);
      await harness().report(index % 2 === 0 ? name : other, matchId);
    }
    return shunned;
  };

  it("finds a suitable partner behind many avoided ones, in several steps", async () => {
    const shunned = await shunnedBy("ann", 190);
    await harness().enter("zoe");
    // They are not compatible with each other, only with ann, who names no language.
    for (const name of [...shunned, "zoe"]) {
      await harness().match(name, { languages: [name] });
      harness().nowMs++;
    }
    expect(await harness().match("ann", { offer })).toEqual({ state: "waiting" });
    const looks = Math.floor(shunned.length / searchBounds.visits);
    await harness().pass(looks * SEARCH_PAUSE_MS - 1);
    expect(await harness().last("zoe", "matched")).toBeUndefined();
    await harness().pass(1);
    expect(await harness().last("zoe", "matched")).toMatchObject({ role: "answerer" });
    expect((await harness().stores.lobby.count()).matches).toBe(1);
  });

  it("can be found while its own search is paused", async () => {
    const shunned = await shunnedBy("ann", 100);
    for (const name of shunned) await harness().match(name, { languages: [name] });
    await harness().match("ann");
    await harness().enter("bob");
    await harness().match("bob", { interests: ["chess"], languages: ["bob"] });
    await harness().enter("cyd");
    await harness().match("cyd", { languages: ["bob"] });
    expect(await harness().last("cyd", "matched")).toMatchObject({ role: "offerer" });
    expect(await harness().last("bob", "matched")).toBeUndefined();
  });

  it("finds the longest-waiting first, also in later steps", async () => {
    const shunned = await shunnedBy("ann", 80);
    await harness().enter("old", "young");
    for (const name of [...shunned, "old", "young"]) {
      await harness().match(name, { languages: [name] });
      harness().nowMs++;
    }
    await harness().match("ann");
    await harness().pass(SEARCH_PAUSE_MS);
    expect(await harness().last("old", "matched")).toMatchObject({ role: "answerer" });
  });

  it("finds the longest-waiting first across pools, also behind an avoided one in one of them", async () => {
    await harness().enter("ann", "shunned", "old", "young");
    for (const other of ["ann", "old"]) {
      await harness().report("shunned", await harness().couple("shunned", other));
    }
    const languages = { shunned: ["de"], old: ["de"], young: ["en"], ann: ["de", "en"] };
    for (const [name, spoken] of Object.entries(languages)) {
      await harness().match(name, { languages: spoken });
      harness().nowMs++;
    }
    expect(await harness().matchIdOf("ann")).toBe(await harness().matchIdOf("old"));
    expect(await harness().last("young", "matched")).toBeUndefined();
  });

  it("pairs two that avoided each other exactly when the minute ends", async () => {
    await harness().enter("ann", "bob");
    await harness().couple("ann", "bob");
    await harness().leave("ann");
    await harness().pass(100);
    const shunned = await shunnedBy("cyd", 5);
    await harness().match("ann");
    await harness().match("bob");
    for (const name of shunned) await harness().leave(name);
    await harness().pass(59_899);
    expect((await harness().stores.lobby.count()).matches).toBe(0);
    await harness().pass(1);
    expect((await harness().stores.lobby.count()).matches).toBe(1);
  });

  it("does not delay other sessions that are due, however many long searches there are", async () => {
    const crowd = await HostileCrowd.gather(harness().stores, 30);
    for (const name of crowd.names) await crowd.match(name);
    await harness().enter("ann", "bob");
    harness().nowMs = crowd.nowMs;
    for (const name of ["ann", "bob"]) await harness().match(name, { interests: [name], languages: ["xx"] });
    await harness().pass(WIDEN_MS - 1_000);
    crowd.nowMs = harness().nowMs;
    const { interests, languages } = HostileCrowd.wish;
    for (const name of crowd.names) await crowd.match(name, { interests: interests.slice(1), languages }); // widened from the start
    await harness().pass(1_000 + SEARCH_PAUSE_MS); // the budget of the current span may be used up
    expect(await harness().last("bob", "matched")).toBeDefined();
  });
}
