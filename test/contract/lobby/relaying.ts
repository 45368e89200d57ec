import { expect, it } from "vitest";
import { candidate, type LobbyHarness } from "../lobby-harness.js";

export function relayingContract(harness: () => LobbyHarness): void {
  it("appends to the partner's mailbox in the order sent", async () => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob");
    for (let sequence = 1; sequence <= 5; sequence++) {
      expect(await harness().relay("ann", matchId, sequence, candidate(String(sequence)))).toEqual({
        state: "relayed",
      });
    }
    const signals = (await harness().events("bob")).flatMap((event) =>
      event.type === "signaled" ? event.signals : [],
    );
    expect(signals).toEqual(["1", "2", "3", "4", "5"].map((text) => JSON.stringify([candidate(text)])));
  });

  it("accepts a repeated sequence without a second effect, and refuses a gap", async () => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob");
    await harness().relay("ann", matchId, 1, candidate("1"));
    const before = await harness().events("bob");
    expect(await harness().relay("ann", matchId, 1, candidate("again"))).toEqual({ state: "repeated" });
    expect(await harness().relay("ann", matchId, 3, candidate("3"))).toEqual({ state: "gap", expected: 2 });
    expect(await harness().events("bob")).toEqual(before);
  });

  it("refuses signals for an ended match, or one of other sessions", async () => {
    await harness().enter("ann", "bob", "cyd", "dan");
    const over = await harness().couple("ann", "bob");
    await harness().leave("ann");
    const foreign = await harness().couple("cyd", "dan");
    expect(await harness().relay("bob", over, 1, candidate("late"))).toEqual({ state: "over" });
    expect(await harness().relay("bob", foreign, 1, candidate("wrong"))).toEqual({ state: "over" });
    expect(await harness().last("cyd", "signaled")).toBeUndefined();
    expect(await harness().last("dan", "signaled")).toBeUndefined();
    expect(await harness().relay("nobody", over, 1, candidate("x"))).toEqual({ state: "unknown" });
  });

  it("refuses what the sender's mode in the match does not allow, without an effect", async () => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob", { attributes: [["mode", ["audio"]]] });
    const before = await harness().events("bob");
    expect(await harness().relayIn("video", "ann", matchId, 1)).toEqual({ state: "refused", mode: "audio" });
    expect(await harness().events("bob")).toEqual(before);
    expect(await harness().relayIn("audio", "ann", matchId, 1)).toEqual({ state: "relayed" });
    expect(await harness().relayIn(undefined, "ann", matchId, 2)).toEqual({ state: "relayed" });
    expect(await harness().relayIn("video", "ann", matchId, 2)).toEqual({ state: "repeated" });
    expect(await harness().relayIn("video", "ann", matchId, 4)).toEqual({ state: "gap", expected: 3 });
    expect(await harness().relayIn("video", "ann", matchId, 3)).toEqual({ state: "refused", mode: "audio" });
    expect(await harness().relayIn("video", "cyd", matchId, 1)).toEqual({ state: "unknown" });
  });

  it("takes the mode of each side, which may differ, and that of the present match", async () => {
    await harness().enter("ann", "bob", "cyd");
    const text = { attributes: [["mode", ["text"]]] as const };
    await harness().match("ann", text);
    await harness().match("bob");
    const matchId = await harness().matchIdOf("ann");
    for (const mode of ["audio", "video"] as const) {
      expect(await harness().relayIn(mode, "ann", matchId, 1)).toEqual({ state: "refused", mode: "text" });
    }
    expect(await harness().relayIn("video", "bob", matchId, 1)).toEqual({ state: "relayed" });
    await harness().match("cyd");
    await harness().match("ann", { leave: matchId });
    const next = await harness().matchIdOf("ann");
    expect(next).not.toBe(matchId);
    expect(await harness().relayIn("video", "ann", next, 1)).toEqual({ state: "relayed" });
  });
}
