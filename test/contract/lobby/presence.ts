import { expect, it } from "vitest";
import type { AddressKey, Epoch, SessionId } from "../../../src/core/ids.js";
import type { Quota } from "../../../src/ports/lobby.js";
import { answer, WINDOW_MS, type Stage } from "../stage.js";

const SHORT_MS = 5_000;

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

  it("keeps a session that is away until the earlier of two times, and tells its partner when that changes", async () => {
    await stage().enter("ann", "bob");
    const matchId = await stage().couple("ann", "bob");
    await stage().relay("ann", matchId, 1, answer);
    const { generation } = stage().attachment("ann");
    await stage().detach("ann", generation, WINDOW_MS);
    await stage().pass(1_000);
    await stage().detach("ann", generation, SHORT_MS);
    const deadlineMs = stage().nowMs + SHORT_MS;
    expect((await stage().events("bob")).at(-1)).toEqual({ type: "partner_away", matchId, deadlineMs });
    const { length } = await stage().events("bob");
    await stage().pass(1_000);
    await stage().detach("ann", generation, SHORT_MS);
    await stage().detach("ann", generation, WINDOW_MS);
    expect(await stage().events("bob")).toHaveLength(length);
    await stage().pass(SHORT_MS - 1_001);
    expect((await stage().stores.lobby.count()).sessions).toBe(2);
    await stage().pass(1);
    expect(await stage().last("bob", "match_ended")).toMatchObject({ matchId, reason: "partner_lost" });
  });

  it("keeps a session that returned for the full window again, whatever is said of the stream before", async () => {
    await stage().enter("ann", "bob");
    await stage().couple("ann", "bob");
    const { generation } = stage().attachment("ann");
    await stage().detach("ann", generation, SHORT_MS);
    await stage().pass(1_000);
    expect((await stage().attach("ann")).resumed).toBe(true);
    await stage().detach("ann", generation, SHORT_MS);
    expect((await stage().events("bob")).at(-1)).toMatchObject({ type: "partner_back" });
    await stage().detach("ann");
    await stage().detach("ann", generation, SHORT_MS);
    await stage().pass(WINDOW_MS - 1);
    expect((await stage().stores.lobby.count()).sessions).toBe(2);
  });

  it("keeps the place of one who waits when its absence is shortened", async () => {
    await stage().enter("ann", "bob");
    await stage().match("ann");
    const { generation } = stage().attachment("ann");
    await stage().detach("ann", generation, WINDOW_MS);
    await stage().detach("ann", generation, SHORT_MS);
    expect(await stage().stores.lobby.count()).toEqual({ sessions: 2, waiting: 0, matches: 0 });
    await stage().match("bob");
    await stage().attach("ann");
    expect(await stage().stores.lobby.count()).toEqual({ sessions: 2, waiting: 0, matches: 1 });
  });

  it("ignores the end of a stream that was replaced", async () => {
    await stage().enter("ann");
    const { generation } = stage().attachment("ann");
    await stage().attach("ann");
    await stage().detach("ann", generation);
    await stage().pass(2 * WINDOW_MS);
    expect((await stage().stores.lobby.count()).sessions).toBe(1);
  });

  it("closes a session at once that never asked for anything when its stream ends", async () => {
    await stage().enter("ann", "bob", "cyd");
    await stage().match("cyd");
    await stage().leave("cyd");
    const { generation } = stage().attachment("ann");
    await stage().attach("ann");
    await stage().detach("ann", generation);
    expect((await stage().stores.lobby.count()).sessions).toBe(3);
    for (const name of ["ann", "bob", "cyd"]) await stage().detach(name);
    expect((await stage().stores.lobby.count()).sessions).toBe(1);
    expect(await stage().read("ann")).toEqual({ state: "closed", reason: "expired" });
    expect((await stage().attach("cyd")).resumed).toBe(true);
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
    const second = { ...bob, nowMs: stage().nowMs, maxSessions: 1, quotas: [] };
    expect(await stage().stores.lobby.open(second)).toEqual({ state: "full" });
  });

  const quota = (key: string, max: number): Quota => ({ key: key as AddressKey, max });

  /** Opens a session that counts for some networks. */
  async function openFrom(name: string, ...quotas: Quota[]): Promise<string> {
    const session = { sessionId: name as SessionId, addressKey: "home" as AddressKey, epoch: "e" as Epoch };
    return (await stage().stores.lobby.open({ ...session, nowMs: stage().nowMs, maxSessions: 1000, quotas })).state;
  }

  it("takes no more sessions from a network than it may, of each of those that it is part of", async () => {
    const from = (subnet: string) => [quota(subnet, 2), quota("site", 3)];
    expect(await openFrom("a1", ...from("a"))).toBe("attached");
    expect(await openFrom("a2", ...from("a"))).toBe("attached");
    expect(await openFrom("a3", ...from("a"))).toBe("crowded");
    expect(await openFrom("a1", ...from("a"))).toBe("attached");
    expect(await openFrom("b1", ...from("b"))).toBe("attached");
    expect(await openFrom("b2", ...from("b"))).toBe("crowded");
    expect(await openFrom("other", quota("elsewhere", 1))).toBe("attached");
  });

  it("counts for where it was opened, wherever it goes, until it is over", async () => {
    stage().networks.set("ann", "cafe");
    expect(await openFrom("ann", quota("a", 1))).toBe("attached");
    await stage().attach("ann", { lastSequence: 0 });
    expect(await openFrom("bob", quota("a", 1))).toBe("crowded");
    await stage().banish("cafe");
    expect(await openFrom("bob", quota("a", 1))).toBe("attached");
  });
}
