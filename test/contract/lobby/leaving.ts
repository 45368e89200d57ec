import { expect, it } from "vitest";
import type { MatchId } from "../../../src/core/ids.js";
import { type LobbyHarness, WIDEN_MS } from "../lobby-harness.js";

export function leavingContract(harness: () => LobbyHarness): void {
  it("ends the named match first, and notifies the partner that it was skipped", async () => {
    await harness().enter("ann", "bob", "cyd");
    const matchId = await harness().couple("ann", "bob");
    await harness().match("cyd");
    await harness().match("ann", { leave: matchId });
    expect(await harness().last("bob", "match_ended")).toEqual({
      type: "match_ended",
      matchId,
      reason: "partner_skipped",
      requeued: false,
    });
    expect(await harness().last("ann", "match_ended")).toMatchObject({ matchId, reason: "left" });
    expect(await harness().matchIdOf("ann")).toBe(await harness().matchIdOf("cyd"));
  });

  it("serves the side that asked for the next partner before the one that was left", async () => {
    await harness().enter("ann", "bob", "cyd");
    const matchId = await harness().couple("ann", "bob", { rematch: true });
    await harness().match("cyd");
    await harness().match("ann", { leave: matchId });
    expect(await harness().matchIdOf("ann")).toBe(await harness().matchIdOf("cyd"));
    expect((await harness().events("bob")).at(-1)).toMatchObject({ type: "waiting" });
  });

  it("has no effect if the named match is not the current one", async () => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob");
    expect(await harness().match("ann", { leave: "another" as MatchId })).toEqual({ state: "in_match" });
    expect(await harness().match("ann")).toEqual({ state: "in_match" });
    expect(await harness().last("bob", "match_ended")).toBeUndefined();
    expect(await harness().matchIdOf("ann")).toBe(matchId);
  });

  it("requeues a partner that asked for a rematch, with a new wait", async () => {
    await harness().enter("ann", "bob");
    await harness().couple("ann", "bob", { rematch: true });
    await harness().pass(5000);
    await harness().leave("ann");
    expect(await harness().last("bob", "match_ended")).toMatchObject({ reason: "partner_left", requeued: true });
    expect(await harness().last("bob", "waiting")).toMatchObject({ sinceMs: harness().nowMs });
    expect((await harness().events("ann")).at(-1)).toMatchObject({ type: "match_ended", requeued: false });
  });

  it("widens a new wait as soon as any other, however long the session waited before with other preferences", async () => {
    await harness().enter("ann", "bob", "cyd");
    await harness().match("ann");
    await harness().leave("ann");
    await harness().match("bob", { interests: ["chess"] });
    await harness().pass(60_000);
    await harness().match("bob", { interests: ["music"], rematch: true });
    await harness().match("ann", { interests: ["music"] });
    await harness().leave("ann");
    await harness().match("cyd");
    await harness().pass(WIDEN_MS);
    expect(await harness().matchIdOf("bob")).toBe(await harness().matchIdOf("cyd"));
  });

  it("notifies the partner exactly once, however often the other leaves", async () => {
    await harness().enter("ann", "bob");
    await harness().couple("ann", "bob");
    for (let times = 0; times < 3; times++) expect(await harness().leave("ann")).toEqual({ state: "idle" });
    const ends = (await harness().events("bob")).filter(({ type }) => type === "match_ended");
    expect(ends).toHaveLength(1);
  });

  it("removes a session that leaves from the queue", async () => {
    await harness().enter("ann", "bob");
    await harness().match("ann");
    await harness().leave("ann");
    await harness().match("bob");
    expect(await harness().stores.lobby.count()).toEqual({ sessions: 2, waiting: 1, matches: 0 });
  });
}
