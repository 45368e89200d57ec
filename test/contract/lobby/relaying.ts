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
}
