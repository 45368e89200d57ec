import { expect, it } from "vitest";
import { HANDSHAKE_MS, offer, type Stage } from "../stage.js";

export function handshakeContract(stage: () => Stage): void {
  it("sends a silent answerer to idle and its partner to the front of the queue", async () => {
    await stage().enter("mute", "bob", "early");
    await stage().match("mute");
    await stage().pass(10);
    await stage().match("bob", { offer });
    const sinceMs = stage().nowMs;
    await stage().pass(HANDSHAKE_MS - 1);
    expect(await stage().last("bob", "match_ended")).toBeUndefined();
    await stage().pass(1);
    expect(await stage().last("mute", "match_ended")).toMatchObject({ reason: "unresponsive", queuedAgain: false });
    expect(await stage().last("bob", "match_ended")).toMatchObject({
      reason: "partner_unresponsive",
      queuedAgain: true,
    });
    expect(await stage().last("bob", "waiting")).toMatchObject({ sinceMs });
  });

  it("blames the offerer when no offer came", async () => {
    await stage().enter("ann", "mute");
    await stage().match("ann");
    await stage().match("mute");
    await stage().pass(HANDSHAKE_MS);
    expect(await stage().last("mute", "match_ended")).toMatchObject({ reason: "unresponsive" });
    expect(await stage().last("ann", "match_ended")).toMatchObject({ reason: "partner_unresponsive" });
  });

  it("is over once something came from both", async () => {
    await stage().enter("ann", "bob");
    const matchId = await stage().couple("ann", "bob");
    await stage().relay("ann", matchId, 1, { kind: "description", ...offer, type: "answer" });
    await stage().pass(10 * HANDSHAKE_MS);
    expect((await stage().stores.lobby.count()).matches).toBe(1);
  });
}
