import { expect, it } from "vitest";
import type { Signal } from "../../../src/core/signal.js";
import { answer, candidate, HANDSHAKE_MS, offer, type LobbyHarness } from "../lobby-harness.js";

export function handshakeContract(harness: () => LobbyHarness): void {
  it("makes an offerer without an offer idle, and moves its partner to the front of the queue", async () => {
    await harness().enter("ann", "mute");
    await harness().match("ann");
    const sinceMs = harness().nowMs;
    await harness().pass(10);
    await harness().match("mute");
    await harness().pass(HANDSHAKE_MS - 1);
    expect(await harness().last("ann", "match_ended")).toBeUndefined();
    await harness().pass(1);
    expect(await harness().last("mute", "match_ended")).toMatchObject({ reason: "unresponsive", requeued: false });
    expect(await harness().last("ann", "match_ended")).toMatchObject({
      reason: "partner_unresponsive",
      requeued: true,
    });
    expect(await harness().last("ann", "waiting")).toMatchObject({ sinceMs });
  });

  it("ends a match in which an offer was not answered", async () => {
    await harness().enter("mute", "bob");
    await harness().couple("mute", "bob");
    await harness().pass(HANDSHAKE_MS - 1);
    expect(await harness().last("bob", "match_ended")).toBeUndefined();
    await harness().pass(1);
    expect(await harness().last("mute", "match_ended")).toMatchObject({ reason: "unresponsive" });
    expect(await harness().last("bob", "match_ended")).toMatchObject({ reason: "partner_unresponsive" });
  });

  const done: Signal = { kind: "candidates_done" };
  const ownOffer: Signal = { kind: "description", ...offer };
  const rollback: Signal = { kind: "description", type: "rollback", sdp: "", connectionId: "" };
  /** Matches the two, the second as offerer, without an offer so far. */
  const couple = async () => {
    await harness().enter("answerer", "offerer");
    await harness().match("answerer");
    await harness().match("offerer");
    return harness().matchIdOf("offerer");
  };
  const outcome = async () => {
    await harness().pass(HANDSHAKE_MS);
    const ended = await Promise.all(["offerer", "answerer"].map((name) => harness().last(name, "match_ended")));
    return ended.map((end) => end?.reason);
  };

  it("is met by an answered offer", async () => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob");
    await harness().relay("ann", matchId, 1, answer);
    const { nextMs } = await harness().stores.lobby.expire({ nowMs: harness().nowMs, limit: 1 });
    expect(nextMs, "a deadline").toBeUndefined();
    await harness().pass(10 * HANDSHAKE_MS);
    expect((await harness().stores.lobby.count()).matches).toBe(1);
  });

  it("is also met if the answerer made the offer", async () => {
    const matchId = await couple();
    await harness().relay("answerer", matchId, 1, ownOffer);
    await harness().relay("offerer", matchId, 1, answer);
    expect(await outcome()).toEqual([undefined, undefined]);
  });

  it.each([
    ["only the end of its candidates", [done]],
    ["candidates", [candidate("here"), candidate("")]],
    ["an answer without an offer", [answer]],
    ["a rollback", [rollback]],
  ])("blames an offerer that never offered, though it sent %s", async (_, signals) => {
    const matchId = await couple();
    await harness().relay("offerer", matchId, 1, ...signals);
    expect(await outcome()).toEqual(["unresponsive", "partner_unresponsive"]);
    expect(await harness().last("answerer", "waiting")).toMatchObject({ waitingCount: 1 });
  });

  it.each([
    ["only the end of its candidates", [done]],
    ["its own offer", [ownOffer]],
    ["a rollback", [rollback]],
  ])("is missed by an answerer that never answered, though it sent %s", async (_, signals) => {
    const matchId = await couple();
    await harness().relay("offerer", matchId, 1, ownOffer);
    await harness().relay("answerer", matchId, 1, ...signals);
    expect(await outcome()).toEqual(["partner_unresponsive", "unresponsive"]);
  });

  it("ends in favor of an answerer that answered before any offer", async () => {
    const matchId = await couple();
    await harness().relay("answerer", matchId, 1, answer, done);
    expect(await outcome()).toEqual(["unresponsive", "partner_unresponsive"]);
  });

  it("ignores an answer that came before the offer", async () => {
    const matchId = await couple();
    await harness().relay("answerer", matchId, 1, answer);
    await harness().relay("offerer", matchId, 1, ownOffer);
    expect(await outcome()).toEqual(["partner_unresponsive", "unresponsive"]);
  });
}
