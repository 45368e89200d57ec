import { expect, it } from "vitest";
import type { Signal } from "../../../src/core/signal.js";
import { answer, candidate, HANDSHAKE_MS, offer, type Stage } from "../stage.js";

export function handshakeContract(stage: () => Stage): void {
  it("sends an offerer without an offer to idle and its partner to the front of the queue", async () => {
    await stage().enter("ann", "mute");
    await stage().match("ann");
    const sinceMs = stage().nowMs;
    await stage().pass(10);
    await stage().match("mute");
    await stage().pass(HANDSHAKE_MS - 1);
    expect(await stage().last("ann", "match_ended")).toBeUndefined();
    await stage().pass(1);
    expect(await stage().last("mute", "match_ended")).toMatchObject({ reason: "unresponsive", requeued: false });
    expect(await stage().last("ann", "match_ended")).toMatchObject({
      reason: "partner_unresponsive",
      requeued: true,
    });
    expect(await stage().last("ann", "waiting")).toMatchObject({ sinceMs });
  });

  it("ends a match in which an offer was not answered", async () => {
    await stage().enter("mute", "bob");
    await stage().couple("mute", "bob");
    await stage().pass(HANDSHAKE_MS - 1);
    expect(await stage().last("bob", "match_ended")).toBeUndefined();
    await stage().pass(1);
    expect(await stage().last("mute", "match_ended")).toMatchObject({ reason: "unresponsive" });
    expect(await stage().last("bob", "match_ended")).toMatchObject({ reason: "partner_unresponsive" });
  });

  const done: Signal = { kind: "candidates_done" };
  const ownOffer: Signal = { kind: "description", ...offer };
  const rollback: Signal = { kind: "description", type: "rollback", sdp: "", connectionId: "" };
  /** The second as offerer, without an offer so far. */
  const couple = async () => {
    await stage().enter("answerer", "offerer");
    await stage().match("answerer");
    await stage().match("offerer");
    return stage().matchIdOf("offerer");
  };
  const outcome = async () => {
    await stage().pass(HANDSHAKE_MS);
    const ended = await Promise.all(["offerer", "answerer"].map((name) => stage().last(name, "match_ended")));
    return ended.map((end) => end?.reason);
  };

  it("is met by an offer that the other answered", async () => {
    await stage().enter("ann", "bob");
    const matchId = await stage().couple("ann", "bob");
    await stage().relay("ann", matchId, 1, answer);
    const { nextMs } = await stage().stores.lobby.expire({ nowMs: stage().nowMs, limit: 1 });
    expect(nextMs, "a deadline").toBeUndefined();
    await stage().pass(10 * HANDSHAKE_MS);
    expect((await stage().stores.lobby.count()).matches).toBe(1);
  });

  it("is met as well when the answerer was the one who offered", async () => {
    const matchId = await couple();
    await stage().relay("answerer", matchId, 1, ownOffer);
    await stage().relay("offerer", matchId, 1, answer);
    expect(await outcome()).toEqual([undefined, undefined]);
  });

  it.each([
    ["only that its candidates are done", [done]],
    ["candidates", [candidate("here"), candidate("")]],
    ["an answer to nothing", [answer]],
    ["a rollback", [rollback]],
  ])("blames an offerer that never offered, though it sent %s", async (_, signals) => {
    const matchId = await couple();
    await stage().relay("offerer", matchId, 1, ...signals);
    expect(await outcome()).toEqual(["unresponsive", "partner_unresponsive"]);
    expect(await stage().last("answerer", "waiting")).toMatchObject({ waitingCount: 1 });
  });

  it.each([
    ["only that its candidates are done", [done]],
    ["an offer of its own", [ownOffer]],
    ["a rollback", [rollback]],
  ])("is missed by an answerer that never answered, though it sent %s", async (_, signals) => {
    const matchId = await couple();
    await stage().relay("offerer", matchId, 1, ownOffer);
    await stage().relay("answerer", matchId, 1, ...signals);
    expect(await outcome()).toEqual(["partner_unresponsive", "unresponsive"]);
  });

  it("blames the offerer, not an answerer that answered before there was anything to answer", async () => {
    const matchId = await couple();
    await stage().relay("answerer", matchId, 1, answer, done);
    expect(await outcome()).toEqual(["unresponsive", "partner_unresponsive"]);
  });

  it("counts no answer that came before the offer", async () => {
    const matchId = await couple();
    await stage().relay("answerer", matchId, 1, answer);
    await stage().relay("offerer", matchId, 1, ownOffer);
    expect(await outcome()).toEqual(["partner_unresponsive", "unresponsive"]);
  });
}
