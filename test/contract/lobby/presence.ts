import { expect, it } from "vitest";
import type { AddressKey, Epoch, SessionId } from "../../../src/core/ids.js";
import { answer, WINDOW_MS, type Stage } from "../stage.js";

export function presenceContract(stage: () => Stage): void {
  it("tells the partner of a broken stream with its deadline, and of the return", async () => {
    await stage().enter("ann", "bob");
    const matchId = await stage().couple("ann", "bob");
    await stage().detach("ann");
    const deadlineMs = stage().nowMs + WINDOW_MS;
    expect((await stage().events("bob")).at(-1)).toEqual({ type: "partner_away", matchId, deadlineMs });
    const back = await stage().attach("ann");
    expect(back.snapshot).toMatchObject({ state: "matched", matchId, role: "answerer", partnerPresent: true });
    expect((await stage().events("bob")).at(-1)).toEqual({ type: "partner_back", matchId });
  });

  it("closes a session that stays away, and tells its partner", async () => {
    await stage().enter("ann", "bob");
    const matchId = await stage().couple("ann", "bob");
    await stage().relay("ann", matchId, 1, answer);
    await stage().detach("ann");
    await stage().pass(WINDOW_MS - 1);
    expect((await stage().stores.lobby.count()).sessions).toBe(2);
    await stage().pass(1);
    expect(await stage().last("bob", "match_ended")).toMatchObject({ matchId, reason: "partner_lost" });
    expect(await stage().read("ann")).toEqual({ state: "closed", reason: "expired" });
    await expect(stage().attach("ann", { lastSequence: 0 })).rejects.toThrow("unknown");
  });

  it("ignores the end of a stream that was replaced", async () => {
    await stage().enter("ann");
    const { generation } = stage().attachment("ann");
    await stage().attach("ann");
    await stage().detach("ann", generation);
    await stage().pass(2 * WINDOW_MS);
    expect((await stage().stores.lobby.count()).sessions).toBe(1);
  });

  it("opens a session once, however often it is asked", async () => {
    await stage().enter("ann");
    const first = stage().attachment("ann");
    await stage().enter("ann");
    expect(stage().attachment("ann")).toEqual(first);
    expect((await stage().stores.lobby.count()).sessions).toBe(1);
  });

  it("takes no more sessions than it may", async () => {
    await stage().enter("ann");
    const bob = { sessionId: "bob" as SessionId, addressKey: "net" as AddressKey, epoch: "e" as Epoch };
    const second = { ...bob, nowMs: stage().nowMs, maxSessions: 1 };
    expect(await stage().stores.lobby.open(second)).toEqual({ state: "full" });
  });
}
