import { expect, it } from "vitest";
import { eventIdOf, type LogEvent } from "../../../src/core/log-event.js";
import type { AddressKey, MatchId } from "../../../src/core/ids.js";
import { answer, HANDSHAKE_MS, type LobbyHarness, WINDOW_MS } from "../lobby-harness.js";

const anonymous = (sessionId: string) => ({ sessionId, personKey: "" });

export function loggingContract(harness: () => LobbyHarness): void {
  const log = async (): Promise<LogEvent[]> => (await harness().stores.events()).map(({ event }) => event);
  const ofType = async <T extends LogEvent["type"]>(type: T) =>
    (await log()).filter((event): event is Extract<LogEvent, { type: T }> => event.type === type);

  it("has the beginning and the end of a session and of a match, with their durations, in order", async () => {
    await harness().enter("ann", "bob");
    const { nowMs } = harness();
    const matchId = await harness().couple("ann", "bob");
    await harness().relay("ann", matchId, 1, answer);
    harness().nowMs += 5_000;
    await harness().leave("ann");
    await harness().detach("ann");
    await harness().pass(WINDOW_MS);
    const sides = { offerer: anonymous("bob"), answerer: anonymous("ann"), relayOnly: false };
    const ended = { reason: "left", initiator: "answerer", answered: true, durationMs: 5_000 };
    expect(await log()).toEqual([
      { type: "session_opened", session: anonymous("ann") },
      { type: "session_opened", session: anonymous("bob") },
      { type: "match_began", matchId, ...sides },
      { type: "match_ended", matchId, ...sides, ...ended },
      { type: "session_closed", session: anonymous("ann"), reason: "expired", durationMs: 5_000 + WINDOW_MS },
    ]);
    const times = (await harness().stores.events()).map(({ atMs }) => atMs - nowMs);
    expect(times).toEqual([0, 0, 0, 5_000, 5_000 + WINDOW_MS]);
  });

  it("has the keys of people, and whether a call was relayed", async () => {
    harness().networks.set("ann", "~pat.net-ann");
    await harness().enter("ann", "bob");
    await harness().couple("ann", "bob", { relayOnly: true });
    const pat = { sessionId: "ann", personKey: "~pat" };
    expect(await log()).toMatchObject([
      { session: pat },
      { session: anonymous("bob") },
      { type: "match_began", answerer: pat, offerer: anonymous("bob"), relayOnly: true },
    ]);
    await harness().close("~pat", { reason: "superseded", keep: 0, limit: 10 });
    expect(await ofType("match_ended")).toMatchObject([{ answerer: pat, reason: "left", initiator: "answerer" }]);
    expect(await ofType("session_closed")).toMatchObject([{ session: pat, reason: "superseded" }]);
  });

  it("has one beginning and one end of each match, whoever ends it and however often", async () => {
    await harness().enter("ann", "bob", "cyd");
    const first = await harness().couple("ann", "bob", { rematch: true });
    await harness().match("ann", { leave: first });
    await harness().match("ann", { leave: first });
    await harness().match("cyd");
    const second = await harness().matchIdOf("cyd");
    await harness().report("cyd", second);
    await harness().report("cyd", second);
    const spans = (events: { matchId: MatchId }[]) => events.map(({ matchId }) => matchId);
    const ended = await ofType("match_ended");
    expect(ended.map(({ reason }) => reason)).toEqual(["skipped", "reported"]);
    expect(spans(ended)).toEqual([first, second]);
    expect(spans(await ofType("match_began")).slice(0, 2)).toEqual([first, second]);
  });

  it("has the side at fault of a match without a call", async () => {
    await harness().enter("ann", "bob");
    await harness().match("ann");
    await harness().match("bob");
    await harness().pass(HANDSHAKE_MS);
    const ended = { reason: "unresponsive", initiator: "offerer", answered: false, durationMs: HANDSHAKE_MS };
    expect(await ofType("match_ended")).toMatchObject([ended]);
  });

  it("has a session that was refused, or opened twice, not at all or once", async () => {
    await harness().enter("ann", "ann");
    const refused = { sessionId: "bob" as never, epoch: "e" as never, addressKey: "net" as AddressKey };
    await harness().stores.lobby.open({ ...refused, nowMs: harness().nowMs, maxSessions: 1, quotas: [] });
    expect(await log()).toEqual([{ type: "session_opened", session: anonymous("ann") }]);
  });

  it("has a different ID for each event", async () => {
    await harness().enter("ann", "bob");
    await harness().couple("ann", "bob");
    await harness().closeBanned("net-ann");
    const ids = (await harness().stores.events()).map(eventIdOf);
    expect(ids.length).toBe(5);
    expect(new Set(ids).size).toBe(5);
    for (const id of ids) expect(id).not.toContain(".");
  });
}
