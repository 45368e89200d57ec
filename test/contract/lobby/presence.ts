import { expect, it } from "vitest";
import type { AddressKey, Epoch, SessionId } from "../../../src/core/ids.js";
import type { Quota } from "../../../src/ports/lobby.js";
import { answer, WINDOW_MS, type LobbyHarness } from "../lobby-harness.js";

const SHORT_MS = 5_000;

export function presenceContract(harness: () => LobbyHarness): void {
  it("notifies the partner of a broken stream with its deadline, and of the return", async () => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob");
    await harness().detach("ann");
    const deadlineMs = harness().nowMs + WINDOW_MS;
    expect((await harness().events("bob")).at(-1)).toEqual({ type: "partner_away", matchId, deadlineMs });
    const back = await harness().attach("ann");
    expect(back.snapshot).toMatchObject({ state: "matched", matchId, role: "answerer", partnerPresent: true });
    expect((await harness().events("bob")).at(-1)).toEqual({ type: "partner_back", matchId });
  });

  it("closes a session that stays away, and notifies its partner", async () => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob");
    await harness().relay("ann", matchId, 1, answer);
    await harness().detach("ann");
    await harness().pass(WINDOW_MS - 1);
    expect((await harness().stores.lobby.count()).sessions).toBe(2);
    await harness().pass(1);
    expect(await harness().last("bob", "match_ended")).toMatchObject({ matchId, reason: "partner_lost" });
    expect(await harness().read("ann")).toEqual({ state: "closed", reason: "expired" });
    await expect(harness().attach("ann", { lastSequence: 0 })).rejects.toThrow("unknown");
  });

  it("keeps a session that is away until the earlier of two times, and tells its partner when that changes", async () => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob");
    await harness().relay("ann", matchId, 1, answer);
    const { generation } = harness().attachment("ann");
    await harness().detach("ann", generation, WINDOW_MS);
    await harness().pass(1_000);
    await harness().detach("ann", generation, SHORT_MS);
    const deadlineMs = harness().nowMs + SHORT_MS;
    expect((await harness().events("bob")).at(-1)).toEqual({ type: "partner_away", matchId, deadlineMs });
    const { length } = await harness().events("bob");
    await harness().pass(1_000);
    await harness().detach("ann", generation, SHORT_MS);
    await harness().detach("ann", generation, WINDOW_MS);
    expect(await harness().events("bob")).toHaveLength(length);
    await harness().pass(SHORT_MS - 1_001);
    expect((await harness().stores.lobby.count()).sessions).toBe(2);
    await harness().pass(1);
    expect(await harness().last("bob", "match_ended")).toMatchObject({ matchId, reason: "partner_lost" });
  });

  it("keeps a session that returned for the full window again, whatever is said of the stream before", async () => {
    await harness().enter("ann", "bob");
    await harness().couple("ann", "bob");
    const { generation } = harness().attachment("ann");
    await harness().detach("ann", generation, SHORT_MS);
    await harness().pass(1_000);
    expect((await harness().attach("ann")).resumed).toBe(true);
    await harness().detach("ann", generation, SHORT_MS);
    expect((await harness().events("bob")).at(-1)).toMatchObject({ type: "partner_back" });
    await harness().detach("ann");
    await harness().detach("ann", generation, SHORT_MS);
    await harness().pass(WINDOW_MS - 1);
    expect((await harness().stores.lobby.count()).sessions).toBe(2);
  });

  it("keeps the place of one who waits when its absence is shortened", async () => {
    await harness().enter("ann", "bob");
    await harness().match("ann");
    const { generation } = harness().attachment("ann");
    await harness().detach("ann", generation, WINDOW_MS);
    await harness().detach("ann", generation, SHORT_MS);
    expect(await harness().stores.lobby.count()).toEqual({ sessions: 2, waiting: 0, matches: 0 });
    await harness().match("bob");
    await harness().attach("ann");
    expect(await harness().stores.lobby.count()).toEqual({ sessions: 2, waiting: 0, matches: 1 });
  });

  it("ignores the end of a stream that was replaced", async () => {
    await harness().enter("ann");
    const { generation } = harness().attachment("ann");
    await harness().attach("ann");
    await harness().detach("ann", generation);
    await harness().pass(2 * WINDOW_MS);
    expect((await harness().stores.lobby.count()).sessions).toBe(1);
  });

  it("closes a session that never made a request when its stream ends", async () => {
    await harness().enter("ann", "bob", "cyd");
    await harness().match("cyd");
    await harness().leave("cyd");
    const { generation } = harness().attachment("ann");
    await harness().attach("ann");
    await harness().detach("ann", generation);
    expect((await harness().stores.lobby.count()).sessions).toBe(3);
    for (const name of ["ann", "bob", "cyd"]) await harness().detach(name);
    expect((await harness().stores.lobby.count()).sessions).toBe(1);
    expect(await harness().read("ann")).toEqual({ state: "closed", reason: "expired" });
    expect((await harness().attach("cyd")).resumed).toBe(true);
  });

  it("opens a session once, however often it is called", async () => {
    await harness().enter("ann");
    const first = harness().attachment("ann");
    await harness().enter("ann");
    expect(harness().attachment("ann")).toEqual(first);
    expect((await harness().stores.lobby.count()).sessions).toBe(1);
  });

  it("limits the number of sessions", async () => {
    await harness().enter("ann");
    const bob = { sessionId: "bob" as SessionId, addressKey: "net" as AddressKey, epoch: "e" as Epoch };
    const second = { ...bob, nowMs: harness().nowMs, maxSessions: 1, quotas: [] };
    expect(await harness().stores.lobby.open(second)).toEqual({ state: "full" });
  });

  const quota = (key: string, max: number): Quota => ({ key: key as AddressKey, max });

  /** Opens a session that counts towards some networks. */
  async function openFrom(name: string, ...quotas: Quota[]): Promise<string> {
    const session = { sessionId: name as SessionId, addressKey: "home" as AddressKey, epoch: "e" as Epoch };
    return (await harness().stores.lobby.open({ ...session, nowMs: harness().nowMs, maxSessions: 1000, quotas })).state;
  }

  it("limits the sessions of a network, and of each network that contains it", async () => {
    const from = (subnet: string) => [quota(subnet, 2), quota("site", 3)];
    expect(await openFrom("a1", ...from("a"))).toBe("attached");
    expect(await openFrom("a2", ...from("a"))).toBe("attached");
    expect(await openFrom("a3", ...from("a"))).toBe("crowded");
    expect(await openFrom("a1", ...from("a"))).toBe("attached");
    expect(await openFrom("b1", ...from("b"))).toBe("attached");
    expect(await openFrom("b2", ...from("b"))).toBe("crowded");
    expect(await openFrom("other", quota("elsewhere", 1))).toBe("attached");
  });

  it("counts a session towards the network where it was opened until it ends", async () => {
    harness().networks.set("ann", "cafe");
    expect(await openFrom("ann", quota("a", 1))).toBe("attached");
    await harness().attach("ann", { lastSequence: 0 });
    expect(await openFrom("bob", quota("a", 1))).toBe("crowded");
    await harness().closeBanned("cafe");
    expect(await openFrom("bob", quota("a", 1))).toBe("attached");
  });
}
