import { expect, it } from "vitest";
import type { AddressKey, MatchId, SessionId } from "../../../src/core/ids.js";
import { answer, type LobbyHarness } from "../lobby-harness.js";

const ALL = Number.MAX_SAFE_INTEGER;

export function rosterContract(harness: () => LobbyHarness): void {
  const sessions = async (before = ALL, limit = 100, addressKey?: string) =>
    harness().stores.roster.sessions({ before, limit, addressKey: addressKey as AddressKey | undefined });
  const names = async (...args: Parameters<typeof sessions>) =>
    (await sessions(...args)).map(({ sessionId }) => sessionId);
  const matches = async (before = ALL, limit = 100) => harness().stores.roster.matches({ before, limit });
  const endMatch = (id: string) => harness().stores.roster.endMatch({ matchId: id as MatchId, nowMs: harness().nowMs });
  const closeSession = (id: string) =>
    harness().stores.roster.closeSession({ sessionId: id as SessionId, nowMs: harness().nowMs });

  it("lists open sessions in pages, the newest first", async () => {
    await harness().enter("ann", "bob", "cyd", "dan", "eve");
    expect(await names()).toEqual(["eve", "dan", "cyd", "bob", "ann"]);
    const first = await sessions(ALL, 2);
    const second = await sessions(first[1]?.number, 2);
    await closeSession("eve");
    const third = await sessions(second[1]?.number, 2);
    expect([...first, ...second, ...third].map(({ sessionId }) => sessionId)).toEqual([
      "eve",
      "dan",
      "cyd",
      "bob",
      "ann",
    ]);
    expect(await names()).toEqual(["dan", "cyd", "bob", "ann"]);
  });

  it("lists what sessions do, and since when they are open", async () => {
    harness().networks.set("ann", "~pat.net-ann");
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob");
    harness().nowMs += 1_000;
    await harness().enter("cyd", "dan");
    await harness().match("cyd", { languages: ["de"] });
    await harness().detach("cyd");
    const openedMs = harness().nowMs;
    expect(await sessions()).toMatchObject([
      { sessionId: "dan", state: "idle", matchId: undefined, attached: true, network: "net-dan", openedMs },
      { sessionId: "cyd", state: "waiting", matchId: undefined, attached: false },
      { sessionId: "bob", state: "matched", matchId, personKey: "", openedMs: openedMs - 1_000 },
      { sessionId: "ann", state: "matched", matchId, personKey: "~pat", network: "net-ann" },
    ]);
  });

  it("lists the sessions of a network or of a person", async () => {
    for (const name of ["ann", "bob", "cyd"]) harness().networks.set(name, "net");
    harness().networks.set("dan", "~pat.net");
    await harness().enter("ann", "bob", "eve", "cyd", "dan");
    expect(await names(ALL, 100, "net")).toEqual(["dan", "cyd", "bob", "ann"]);
    const [first] = await sessions(ALL, 1, "net");
    expect(await names(first?.number, 2, "net")).toEqual(["cyd", "bob"]);
    expect(await names(ALL, 100, "~pat")).toEqual(["dan"]);
    expect(await names(ALL, 100, "nobody")).toEqual([]);
  });

  it("lists running matches in pages, the newest first", async () => {
    await harness().enter("ann", "bob", "cyd", "dan");
    const startMs = harness().nowMs;
    const older = await harness().couple("ann", "bob", { relayOnly: true });
    await harness().relay("ann", older, 1, answer);
    harness().nowMs += 1;
    const newer = await harness().couple("cyd", "dan");
    const [offerer, answerer] = ["bob", "ann"].map((sessionId) => ({ sessionId, personKey: "" }));
    const [first, second] = await matches();
    expect(first).toMatchObject({ matchId: newer, answered: false, relayOnly: false });
    expect(second).toMatchObject({ matchId: older, offerer, answerer, answered: true, relayOnly: true, startMs });
    expect(await matches(first?.number, 1)).toEqual([second]);
    expect(await matches(startMs * 1000)).toEqual([]);
    await harness().leave("cyd");
    expect(await matches()).toEqual([second]);
  });

  it("ends a match once, notifies both sides, and lets those search again that asked for it", async () => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob", { rematch: true });
    expect(await endMatch(matchId)).toEqual({ state: "ended" });
    expect(await endMatch(matchId)).toEqual({ state: "over" });
    expect(await endMatch("none")).toEqual({ state: "over" });
    for (const name of ["ann", "bob"]) {
      expect(await harness().last(name, "match_ended")).toEqual({
        ...{ type: "match_ended", matchId, reason: "dismissed", requeued: true },
      });
    }
    expect(await harness().stores.lobby.count()).toEqual({ sessions: 2, waiting: 2, matches: 0 });
    const last = (await harness().stores.events()).at(-1)?.event;
    expect(last).toMatchObject({ type: "match_ended", matchId, reason: "dismissed", initiator: "" });
  });

  it("closes a session once; its partner is notified that it left", async () => {
    await harness().enter("ann", "bob");
    const matchId = await harness().couple("ann", "bob");
    const stop = harness().stores.mailbox.watch("ann" as SessionId, () => undefined);
    expect(await closeSession("ann")).toEqual({ state: "closed" });
    expect(await closeSession("ann")).toEqual({ state: "unknown" });
    expect(await harness().read("ann")).toEqual({ state: "closed", reason: "removed" });
    stop();
    expect(await harness().last("bob", "match_ended")).toMatchObject({ matchId, reason: "partner_left" });
    expect(await harness().stores.lobby.count()).toEqual({ sessions: 1, waiting: 0, matches: 0 });
    const events = (await harness().stores.events()).slice(-2).map(({ event }) => event);
    expect(events).toMatchObject([
      { type: "match_ended", reason: "left", initiator: "answerer" },
      { type: "session_closed", reason: "removed" },
    ]);
  });
}
