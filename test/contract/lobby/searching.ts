import { expect, it } from "vitest";
import { SEARCH_PAUSE_MS } from "../../../src/core/limits.js";
import { searchBounds } from "../../../src/core/search.js";
import { HostileCrowd } from "../../support/hostile-crowd.js";
import { offer, type Stage, WIDEN_MS } from "../stage.js";

export function searchingContract(stage: () => Stage): void {
  /** So many that `name` must never meet again: half of them by its reports, half by theirs. */
  const shunnedBy = async (name: string, count: number) => {
    const shunned = Array.from({ length: count }, (_, index) => `shunned-${String(index)}`);
    await stage().enter(name, ...shunned);
    for (const [index, other] of shunned.entries()) {
      const matchId = await stage().couple(name, other);
      await stage().report(index % 2 === 0 ? name : other, matchId);
    }
    return shunned;
  };

  it("goes past all whom one avoids, in so many looks as it must, to the one who fits", async () => {
    const shunned = await shunnedBy("ann", 190);
    await stage().enter("zoe");
    // They do not fit each other, only ann, who names no language.
    for (const name of [...shunned, "zoe"]) {
      await stage().match(name, { languages: [name] });
      stage().nowMs++;
    }
    expect(await stage().match("ann", { offer })).toEqual({ state: "waiting" });
    const looks = Math.floor(shunned.length / searchBounds.visits);
    await stage().pass(looks * SEARCH_PAUSE_MS - 1);
    expect(await stage().last("zoe", "matched")).toBeUndefined();
    await stage().pass(1);
    expect(await stage().last("zoe", "matched")).toMatchObject({ role: "answerer" });
    expect((await stage().stores.lobby.count()).matches).toBe(1);
  });

  it("is found itself while its search rests", async () => {
    const shunned = await shunnedBy("ann", 100);
    for (const name of shunned) await stage().match(name, { languages: [name] });
    await stage().match("ann");
    await stage().enter("bob");
    await stage().match("bob", { interests: ["chess"], languages: ["bob"] });
    await stage().enter("cyd");
    await stage().match("cyd", { languages: ["bob"] });
    expect(await stage().last("cyd", "matched")).toMatchObject({ role: "offerer" });
    expect(await stage().last("bob", "matched")).toBeUndefined();
  });

  it("finds the longest-waiting first, also where it goes on", async () => {
    const shunned = await shunnedBy("ann", 80);
    await stage().enter("old", "young");
    for (const name of [...shunned, "old", "young"]) {
      await stage().match(name, { languages: [name] });
      stage().nowMs++;
    }
    await stage().match("ann");
    await stage().pass(SEARCH_PAUSE_MS);
    expect(await stage().last("old", "matched")).toMatchObject({ role: "answerer" });
  });

  it("brings together two whose partners of the last minute stood in the way, to the millisecond", async () => {
    await stage().enter("ann", "bob");
    await stage().couple("ann", "bob");
    await stage().leave("ann");
    await stage().pass(100);
    const shunned = await shunnedBy("cyd", 5);
    await stage().match("ann");
    await stage().match("bob");
    for (const name of shunned) await stage().leave(name);
    await stage().pass(59_899);
    expect((await stage().stores.lobby.count()).matches).toBe(0);
    await stage().pass(1);
    expect((await stage().stores.lobby.count()).matches).toBe(1);
  });

  it("of people with long searches makes nobody wait who is to be looked at", async () => {
    const crowd = await HostileCrowd.gather(stage().stores, 30);
    for (const name of crowd.names) await crowd.match(name);
    await stage().enter("ann", "bob");
    stage().nowMs = crowd.nowMs;
    for (const name of ["ann", "bob"]) await stage().match(name, { interests: [name], languages: ["xx"] });
    await stage().pass(WIDEN_MS - 1_000);
    crowd.nowMs = stage().nowMs;
    const { interests, languages } = HostileCrowd.wish;
    for (const name of crowd.names) await crowd.match(name, { interests: interests.slice(1), languages }); // from the start
    await stage().pass(1_000 + SEARCH_PAUSE_MS); // what is left of a span may be used up
    expect(await stage().last("bob", "matched")).toBeDefined();
  });
}
