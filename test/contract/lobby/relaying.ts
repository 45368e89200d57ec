import { expect, it } from "vitest";
import { candidate, type Stage } from "../stage.js";

export function relayingContract(stage: () => Stage): void {
  it("appends to the partner's mailbox in the order sent", async () => {
    await stage().enter("ann", "bob");
    const matchId = await stage().couple("ann", "bob");
    for (let sequence = 1; sequence <= 5; sequence++) {
      expect(await stage().relay("ann", matchId, sequence, candidate(String(sequence)))).toEqual({ state: "relayed" });
    }
    const signals = (await stage().events("bob")).flatMap((event) => (event.type === "signaled" ? event.signals : []));
    expect(signals).toEqual(["1", "2", "3", "4", "5"].map((text) => JSON.stringify([candidate(text)])));
  });

  it("takes a repeated sequence without a second effect, and refuses a gap", async () => {
    await stage().enter("ann", "bob");
    const matchId = await stage().couple("ann", "bob");
    await stage().relay("ann", matchId, 1, candidate("1"));
    const before = await stage().events("bob");
    expect(await stage().relay("ann", matchId, 1, candidate("again"))).toEqual({ state: "repeated" });
    expect(await stage().relay("ann", matchId, 3, candidate("3"))).toEqual({ state: "gap", expected: 2 });
    expect(await stage().events("bob")).toEqual(before);
  });

  it("takes nothing for a match that is over, or somebody else's", async () => {
    await stage().enter("ann", "bob", "cyd", "dan");
    const over = await stage().couple("ann", "bob");
    await stage().leave("ann");
    const foreign = await stage().couple("cyd", "dan");
    expect(await stage().relay("bob", over, 1, candidate("late"))).toEqual({ state: "over" });
    expect(await stage().relay("bob", foreign, 1, candidate("wrong"))).toEqual({ state: "over" });
    expect(await stage().last("cyd", "signaled")).toBeUndefined();
    expect(await stage().last("dan", "signaled")).toBeUndefined();
    expect(await stage().relay("nobody", over, 1, candidate("x"))).toEqual({ state: "unknown" });
  });
}
