import { expect, it } from "vitest";
import { answer, HANDSHAKE_MS, offer, type Stage } from "../stage.js";

/** Nobody can say whose fault it is that an offer was not answered: the answerer may be mute, or the offer unusable. */
export function unansweredContract(stage: () => Stage): void {
  /** The second offers, the first does not answer, and the deadline passes. Returns what each is told. */
  const fail = async (first: string, second: string) => {
    await stage().match(first);
    await stage().match(second, { offer });
    await stage().pass(HANDSHAKE_MS);
    return [await stage().last(first, "match_ended"), await stage().last(second, "match_ended")];
  };
  /** The same with somebody new each time, who leaves afterwards: whether the one is queued again. */
  const failWith = async (name: string, ...others: string[]) => {
    const queued: (boolean | undefined)[] = [];
    for (const other of others) {
      await stage().enter(other);
      const [ofName] = await fail(name, other);
      await stage().leave(other);
      queued.push(ofName?.requeued);
    }
    return queued;
  };
  const state = async (name: string) => (await stage().attach(name)).snapshot;

  it("leaves both in the queue, where they were", async () => {
    await stage().enter("ann", "bob");
    await stage().match("ann");
    const annMs = stage().nowMs;
    await stage().pass(10);
    const bobMs = stage().nowMs;
    expect(await fail("ann", "bob")).toMatchObject([
      { reason: "unresponsive", requeued: true },
      { reason: "partner_unresponsive", requeued: true },
    ]);
    expect(await stage().last("ann", "waiting")).toMatchObject({ sinceMs: annMs });
    expect(await stage().last("bob", "waiting")).toMatchObject({ sinceMs: bobMs });
  });

  it("lets the two avoid each other, and the one who waited longer be met first", async () => {
    await stage().enter("ann", "bob", "cyd", "dan");
    await fail("ann", "bob");
    expect((await stage().stores.lobby.count()).waiting).toBe(2);
    await stage().match("cyd", { offer });
    await stage().match("dan", { offer });
    expect(await stage().matchIdOf("ann")).toBe(await stage().matchIdOf("cyd"));
    expect(await stage().matchIdOf("bob")).toBe(await stage().matchIdOf("dan"));
  });

  it("serves the answerer before the offerer, who came later", async () => {
    await stage().enter("ann", "bob", "cyd");
    await stage().match("ann", { interests: ["chess"] });
    await stage().match("bob", { interests: ["chess"], offer });
    await stage().match("cyd");
    await stage().pass(HANDSHAKE_MS);
    expect(await stage().matchIdOf("ann")).toBe(await stage().matchIdOf("cyd"));
    expect(await state("bob")).toMatchObject({ state: "waiting" });
  });

  it("takes an answerer out of the queue at the third in a row, and not those that it met", async () => {
    await stage().enter("mute");
    expect(await failWith("mute", "ann", "bob")).toEqual([true, true]);
    await stage().enter("cyd");
    expect(await fail("mute", "cyd")).toMatchObject([
      { reason: "unresponsive", requeued: false },
      { reason: "partner_unresponsive", requeued: true },
    ]);
    expect([await state("mute"), await state("cyd")]).toMatchObject([{ state: "idle" }, { state: "waiting" }]);
  });

  it("takes an offerer out as well, in whatever roles it was before", async () => {
    await stage().enter("mute");
    await failWith("mute", "ann", "bob");
    await stage().leave("mute");
    await stage().enter("cyd");
    expect(await fail("cyd", "mute")).toMatchObject([
      { reason: "unresponsive", requeued: true },
      { reason: "partner_unresponsive", requeued: false },
    ]);
    expect([await state("mute"), await state("cyd")]).toMatchObject([{ state: "idle" }, { state: "waiting" }]);
  });

  it("goes on counting for one that was taken out, until an offer is answered", async () => {
    await stage().enter("mute", "good");
    expect(await failWith("mute", "ann", "bob", "cyd")).toEqual([true, true, false]);
    expect(await failWith("mute", "dan")).toEqual([false]);
    const matchId = await stage().couple("mute", "good");
    await stage().relay("mute", matchId, 1, answer);
    await stage().leave("good");
    expect(await failWith("mute", "eve", "fay", "gus")).toEqual([true, true, false]);
  });

  it("begins to count anew for both once an offer is answered", async () => {
    await stage().enter("ann", "bob");
    for (const name of ["ann", "bob"]) {
      expect(await failWith(name, `${name}-1`, `${name}-2`)).toEqual([true, true]);
      await stage().leave(name);
    }
    const matchId = await stage().couple("ann", "bob");
    await stage().relay("ann", matchId, 1, answer);
    await stage().leave("ann");
    for (const name of ["ann", "bob"]) {
      expect(await failWith(name, `${name}-3`, `${name}-4`, `${name}-5`)).toEqual([true, true, false]);
    }
  });

  it("counts no match in which no offer came", async () => {
    await stage().enter("ann", "mute-1", "mute-2");
    expect(await failWith("ann", "bob", "cyd", "dan")).toEqual([true, true, false]);
    await stage().match("ann");
    const sinceMs = stage().nowMs;
    for (const mute of ["mute-1", "mute-2"]) {
      await stage().match(mute);
      await stage().pass(HANDSHAKE_MS);
      expect(await stage().last("ann", "match_ended")).toMatchObject({ requeued: true });
      expect(await stage().last("ann", "waiting")).toMatchObject({ sinceMs });
    }
  });

  it("counts no match that somebody left before the deadline", async () => {
    await stage().enter("ann", "hasty");
    expect(await failWith("ann", "bob", "cyd")).toEqual([true, true]);
    await stage().match("hasty", { offer });
    await stage().leave("hasty");
    expect(await failWith("ann", "dan", "eve")).toEqual([false, false]);
  });

  it("keeps the place of one that is away, too", async () => {
    await stage().enter("ann", "bob");
    await stage().match("ann");
    const sinceMs = stage().nowMs;
    await stage().match("bob", { offer });
    await stage().detach("ann");
    await stage().pass(HANDSHAKE_MS);
    expect((await stage().stores.lobby.count()).waiting).toBe(1);
    expect(await state("ann")).toMatchObject({ state: "waiting", sinceMs });
  });
}
