import { expect, it } from "vitest";
import { answer, HANDSHAKE_MS, offer, type LobbyHarness } from "../lobby-harness.js";

/** The cause of an unanswered offer is unknown: the answerer may be silent, or the offer unusable. */
export function unansweredContract(harness: () => LobbyHarness): void {
  /** The second offers, the first does not answer, and the deadline passes. Returns the event of each side. */
  const fail = async (first: string, second: string) => {
    await harness().match(first);
    await harness().match(second, { offer });
    await harness().pass(HANDSHAKE_MS);
    return [await harness().last(first, "match_ended"), await harness().last(second, "match_ended")];
  };
  /** The same with a new partner each time, which leaves afterwards. Returns whether the side is requeued. */
  const failWith = async (name: string, ...others: string[]) => {
    const queued: (boolean | undefined)[] = [];
    for (const other of others) {
      await harness().enter(other);
      const [ofName] = await fail(name, other);
      await harness().leave(other);
      queued.push(ofName?.requeued);
    }
    return queued;
  };
  const state = async (name: string) => (await harness().attach(name)).snapshot;

  it("requeues both in their old places", async () => {
    await harness().enter("ann", "bob");
    await harness().match("ann");
    const annMs = harness().nowMs;
    await harness().pass(10);
    const bobMs = harness().nowMs;
    expect(await fail("ann", "bob")).toMatchObject([
      { reason: "unresponsive", requeued: true },
      { reason: "partner_unresponsive", requeued: true },
    ]);
    expect(await harness().last("ann", "waiting")).toMatchObject({ sinceMs: annMs });
    expect(await harness().last("bob", "waiting")).toMatchObject({ sinceMs: bobMs });
  });

  it("makes the two avoid each other, and serves the longer-waiting first", async () => {
    await harness().enter("ann", "bob", "cyd", "dan");
    await fail("ann", "bob");
    expect((await harness().stores.lobby.count()).waiting).toBe(2);
    await harness().match("cyd", { offer });
    await harness().match("dan", { offer });
    expect(await harness().matchIdOf("ann")).toBe(await harness().matchIdOf("cyd"));
    expect(await harness().matchIdOf("bob")).toBe(await harness().matchIdOf("dan"));
  });

  it("serves the answerer before the offerer, which came later", async () => {
    await harness().enter("ann", "bob", "cyd");
    await harness().match("ann", { interests: ["chess"] });
    await harness().match("bob", { interests: ["chess"], offer });
    await harness().match("cyd");
    await harness().pass(HANDSHAKE_MS);
    expect(await harness().matchIdOf("ann")).toBe(await harness().matchIdOf("cyd"));
    expect(await state("bob")).toMatchObject({ state: "waiting" });
  });

  it("removes an answerer from the queue at the third in a row, but not its partners", async () => {
    await harness().enter("mute");
    expect(await failWith("mute", "ann", "bob")).toEqual([true, true]);
    await harness().enter("cyd");
    expect(await fail("mute", "cyd")).toMatchObject([
      { reason: "unresponsive", requeued: false },
      { reason: "partner_unresponsive", requeued: true },
    ]);
    expect([await state("mute"), await state("cyd")]).toMatchObject([{ state: "idle" }, { state: "waiting" }]);
  });

  it("removes an offerer too, whatever its earlier roles", async () => {
    await harness().enter("mute");
    await failWith("mute", "ann", "bob");
    await harness().leave("mute");
    await harness().enter("cyd");
    expect(await fail("cyd", "mute")).toMatchObject([
      { reason: "unresponsive", requeued: true },
      { reason: "partner_unresponsive", requeued: false },
    ]);
    expect([await state("mute"), await state("cyd")]).toMatchObject([{ state: "idle" }, { state: "waiting" }]);
  });

  it("keeps counting for a removed side until an offer is answered", async () => {
    await harness().enter("mute", "good");
    expect(await failWith("mute", "ann", "bob", "cyd")).toEqual([true, true, false]);
    expect(await failWith("mute", "dan")).toEqual([false]);
    const matchId = await harness().couple("mute", "good");
    await harness().relay("mute", matchId, 1, answer);
    await harness().leave("good");
    expect(await failWith("mute", "eve", "fay", "gus")).toEqual([true, true, false]);
  });

  it("resets the count of both when an offer is answered", async () => {
    await harness().enter("ann", "bob");
    for (const name of ["ann", "bob"]) {
      expect(await failWith(name, `${name}-1`, `${name}-2`)).toEqual([true, true]);
      await harness().leave(name);
    }
    const matchId = await harness().couple("ann", "bob");
    await harness().relay("ann", matchId, 1, answer);
    await harness().leave("ann");
    for (const name of ["ann", "bob"]) {
      expect(await failWith(name, `${name}-3`, `${name}-4`, `${name}-5`)).toEqual([true, true, false]);
    }
  });

  it("does not count a match without an offer", async () => {
    await harness().enter("ann", "mute-1", "mute-2");
    expect(await failWith("ann", "bob", "cyd", "dan")).toEqual([true, true, false]);
    await harness().match("ann");
    const sinceMs = harness().nowMs;
    for (const mute of ["mute-1", "mute-2"]) {
      await harness().match(mute);
      await harness().pass(HANDSHAKE_MS);
      expect(await harness().last("ann", "match_ended")).toMatchObject({ requeued: true });
      expect(await harness().last("ann", "waiting")).toMatchObject({ sinceMs });
    }
  });

  it("does not count a match that ended before the deadline", async () => {
    await harness().enter("ann", "hasty");
    expect(await failWith("ann", "bob", "cyd")).toEqual([true, true]);
    await harness().match("hasty", { offer });
    await harness().leave("hasty");
    expect(await failWith("ann", "dan", "eve")).toEqual([false, false]);
  });

  it("also keeps the place of a side that is away", async () => {
    await harness().enter("ann", "bob");
    await harness().match("ann");
    const sinceMs = harness().nowMs;
    await harness().match("bob", { offer });
    await harness().detach("ann");
    await harness().pass(HANDSHAKE_MS);
    expect((await harness().stores.lobby.count()).waiting).toBe(1);
    expect(await state("ann")).toMatchObject({ state: "waiting", sinceMs });
  });
}
