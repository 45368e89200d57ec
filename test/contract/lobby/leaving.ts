import { expect, it } from "vitest";
import type { MatchId } from "../../../src/core/ids.js";
import { type Stage, WIDEN_MS } from "../stage.js";

export function leavingContract(stage: () => Stage): void {
  it("ends the named match first, and tells the partner it was skipped", async () => {
    await stage().enter("ann", "bob", "cyd");
    const matchId = await stage().couple("ann", "bob");
    await stage().match("cyd");
    await stage().match("ann", { leave: matchId });
    expect(await stage().last("bob", "match_ended")).toEqual({
      type: "match_ended",
      matchId,
      reason: "partner_skipped",
      requeued: false,
    });
    expect(await stage().last("ann", "match_ended")).toMatchObject({ matchId, reason: "left" });
    expect(await stage().matchIdOf("ann")).toBe(await stage().matchIdOf("cyd"));
  });

  it("serves the one who asked for the next before the one who was left", async () => {
    await stage().enter("ann", "bob", "cyd");
    const matchId = await stage().couple("ann", "bob", { rematch: true });
    await stage().match("cyd");
    await stage().match("ann", { leave: matchId });
    expect(await stage().matchIdOf("ann")).toBe(await stage().matchIdOf("cyd"));
    expect((await stage().events("bob")).at(-1)).toMatchObject({ type: "waiting" });
  });

  it("only acknowledges when the named match is not the current one", async () => {
    await stage().enter("ann", "bob");
    const matchId = await stage().couple("ann", "bob");
    expect(await stage().match("ann", { leave: "another" as MatchId })).toEqual({ state: "in_match" });
    expect(await stage().match("ann")).toEqual({ state: "in_match" });
    expect(await stage().last("bob", "match_ended")).toBeUndefined();
    expect(await stage().matchIdOf("ann")).toBe(matchId);
  });

  it("puts a partner who wished it back into the queue, with its wait begun anew", async () => {
    await stage().enter("ann", "bob");
    await stage().couple("ann", "bob", { rematch: true });
    await stage().pass(5000);
    await stage().leave("ann");
    expect(await stage().last("bob", "match_ended")).toMatchObject({ reason: "partner_left", requeued: true });
    expect(await stage().last("bob", "waiting")).toMatchObject({ sinceMs: stage().nowMs });
    expect((await stage().events("ann")).at(-1)).toMatchObject({ type: "match_ended", requeued: false });
  });

  it("widens a wait that began anew as soon as any other, however long one waited before with another wish", async () => {
    await stage().enter("ann", "bob", "cyd");
    await stage().match("ann");
    await stage().leave("ann");
    await stage().match("bob", { interests: ["chess"] });
    await stage().pass(60_000);
    await stage().match("bob", { interests: ["music"], rematch: true });
    await stage().match("ann", { interests: ["music"] });
    await stage().leave("ann");
    await stage().match("cyd");
    await stage().pass(WIDEN_MS);
    expect(await stage().matchIdOf("bob")).toBe(await stage().matchIdOf("cyd"));
  });

  it("gives the partner exactly one end, however often one leaves", async () => {
    await stage().enter("ann", "bob");
    await stage().couple("ann", "bob");
    for (let times = 0; times < 3; times++) expect(await stage().leave("ann")).toEqual({ state: "idle" });
    const ends = (await stage().events("bob")).filter(({ type }) => type === "match_ended");
    expect(ends).toHaveLength(1);
  });

  it("takes one who leaves out of the queue", async () => {
    await stage().enter("ann", "bob");
    await stage().match("ann");
    await stage().leave("ann");
    await stage().match("bob");
    expect(await stage().stores.lobby.count()).toEqual({ sessions: 2, waiting: 1, matches: 0 });
  });
}
