import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MatchId, SessionId } from "../../src/core/ids.js";
import { limits } from "../../src/core/limits.js";
import { candidate, LobbyHarness, type Stores } from "./lobby-harness.js";

/** Size of the shared pool: it fills one mailbox. */
const POOL = limits.mailboxBytes - limits.mailboxOwnBytes;
/** Size of the signals that fill mailboxes. */
const CHARACTERS = 4 * 1024;
/** How many of them nearly fill a mailbox, and its own share, as each needs some extra bytes. */
const FULL = Math.floor(limits.mailboxBytes / (CHARACTERS + 200));
const OWN = Math.floor(limits.mailboxOwnBytes / (CHARACTERS + 200));

/** The contract of every mailbox. `create` returns new, empty stores. */
export function mailboxContract(create: (mailPoolBytes?: number) => Promise<Stores>): void {
  let harness: LobbyHarness;
  let matchId: MatchId;
  beforeEach(async () => {
    harness = new LobbyHarness(await create());
    await harness.enter("ann", "bob");
    matchId = await harness.couple("ann", "bob");
  });
  afterEach(() => harness.stores.close());

  /** Ann sends bob signals of this number and length. */
  async function send(count: number, characters = 10): Promise<void> {
    for (let sequence = 1; sequence <= count; sequence++) {
      await harness.relay("ann", matchId, sequence, candidate("x".repeat(characters)));
    }
  }

  it("numbers events from 1 without gaps", async () => {
    await send(5);
    const mail = await harness.read("bob");
    const sequences = mail.state === "events" ? mail.events.map(({ sequence }) => sequence) : [];
    expect(sequences).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("reads after a sequence, repeatedly", async () => {
    await send(3);
    const mail = await harness.read("bob", 3);
    expect(mail).toMatchObject({ state: "events", events: [{ sequence: 4 }] });
    expect(await harness.read("bob", 3)).toEqual(mail);
    expect(await harness.read("bob", 4)).toEqual({ state: "events", events: [] });
  });

  it("resumes exactly after the last handled event", async () => {
    await send(4);
    await harness.detach("bob");
    const back = await harness.attach("bob", { lastSequence: 2 });
    expect(back).toMatchObject({ resumed: true, lastSequence: 2 });
    expect(await harness.read("bob", 2)).toMatchObject({ events: [{ sequence: 3 }, { sequence: 4 }, { sequence: 5 }] });
  });

  it("does not resume from another epoch, and returns a snapshot", async () => {
    await send(2);
    const back = await harness.attach("bob", { epoch: "another", lastSequence: 1 });
    expect(back).toMatchObject({ resumed: false, lastSequence: 3, snapshot: { state: "matched", matchId } });
    expect(await harness.read("bob", back.lastSequence)).toEqual({ state: "events", events: [] });
  });

  it("begins a new epoch if the client has more events than the store", async () => {
    const { epoch } = harness.attachment("bob");
    const back = await harness.attach("bob", { lastSequence: 99 });
    expect(back.resumed).toBe(false);
    expect(back.lastSequence).toBe(0);
    expect(back.epoch).not.toBe(epoch);
    await send(1);
    expect(await harness.read("bob", 0)).toMatchObject({ events: [{ sequence: 1, event: { type: "signaled" } }] });
  });

  it("limits the number of events, and reports a gap", async () => {
    await send(limits.mailboxEvents + 5);
    expect(await harness.read("bob", 0)).toEqual({ state: "gap" });
    const oldest = 1 + limits.mailboxEvents + 5 - limits.mailboxEvents;
    const mail = await harness.read("bob", oldest);
    expect(mail.state === "events" && mail.events.length).toBe(limits.mailboxEvents);
    const back = await harness.attach("bob", { lastSequence: oldest - 1 });
    expect(back.resumed).toBe(false);
  });

  it("limits the bytes", async () => {
    await send(100, limits.mailboxBytes / 50);
    expect(await harness.read("bob", 0)).toEqual({ state: "gap" });
    const mail = await harness.read("bob", 60);
    expect(mail.state === "events" && mail.events.length).toBe(41);
  });

  it("deletes old events on request", async () => {
    await send(2);
    await harness.pass(1000);
    const { nowMs } = harness;
    await harness.relay("ann", matchId, 3, candidate("new"));
    await harness.stores.mailbox.trim("bob" as SessionId, nowMs);
    expect(await harness.read("bob", 2)).toEqual({ state: "gap" });
    expect(await harness.read("bob", 3)).toMatchObject({ events: [{ sequence: 4 }] });
  });

  it("reports to the older stream that it was replaced", async () => {
    const older = harness.attachment("bob");
    await harness.attach("bob");
    const position = { sessionId: "bob" as SessionId, generation: older.generation, epoch: older.epoch };
    expect(await harness.stores.mailbox.read({ ...position, afterSequence: 0 })).toEqual({ state: "replaced" });
  });

  it("wakes its watchers for a new event, a newer stream and the end of the session", async () => {
    let rung: (() => void) | undefined;
    const next = () => new Promise<void>((resolve) => (rung = resolve));
    const stop = harness.stores.mailbox.watch("bob" as SessionId, () => rung?.());
    let woken = next();
    await send(1);
    await woken;
    woken = next();
    await harness.attach("bob");
    await woken;
    await harness.detach("bob");
    woken = next();
    await harness.pass(60_000);
    await woken;
    expect(await harness.read("bob")).toEqual({ state: "closed", reason: "expired" });
    stop();
  });

  describe("with a pool for one full mailbox", () => {
    let small: LobbyHarness;
    beforeEach(async () => {
      small = new LobbyHarness(await create(POOL));
    });
    afterEach(() => small.stores.close());

    /** Fills a mailbox with more signals than it can hold. */
    async function fill(name: string, count = FULL + 5): Promise<void> {
      await small.enter(name, `${name}-sender`);
      const match = await small.couple(name, `${name}-sender`, { languages: [name] });
      for (let sequence = 1; sequence <= count; sequence++) {
        await small.relay(`${name}-sender`, match, sequence, candidate("x".repeat(CHARACTERS)));
      }
    }

    /** How many of the newest events a mailbox holds. */
    async function kept(name: string): Promise<number> {
      for (let after = 0; ; after++) {
        const mail = await small.read(name, after);
        if (mail.state === "events") return mail.events.length;
        expect(mail).toEqual({ state: "gap" });
      }
    }

    it("keeps only its own share while the pool is used up, and a snapshot replaces the rest", async () => {
      await fill("ann");
      await fill("bob");
      expect(await kept("ann")).toBeGreaterThanOrEqual(FULL);
      expect(await kept("bob")).toBeGreaterThanOrEqual(OWN);
      expect(await kept("bob")).toBeLessThanOrEqual(OWN + 1);
      expect(await small.attach("bob", { lastSequence: 0 })).toMatchObject({
        resumed: false,
        snapshot: { state: "matched" },
      });
    });

    it("takes nothing from the pool for events that fit into its own share", async () => {
      for (const name of ["ann", "bob", "cleo", "dan"]) await fill(name, OWN - 1);
      await fill("eve");
      expect(await kept("eve")).toBeGreaterThanOrEqual(FULL);
      expect(await kept("ann")).toBe(OWN + 1); // including `waiting` and `matched`
    });

    const endings: Record<string, () => Promise<unknown>> = {
      "is forgotten": () => small.stores.mailbox.trim("ann" as SessionId, small.nowMs + 1),
      "is dropped with its epoch": () => small.attach("ann", { lastSequence: 10_000 }),
      "belonged to a session that is over": async () => {
        await small.detach("ann");
        await small.pass(60_000);
      },
    };
    it.each(Object.entries(endings))("returns its share of the pool when it %s", async (_how, end) => {
      await fill("ann");
      await end();
      await fill("bob");
      expect(await kept("bob")).toBeGreaterThanOrEqual(FULL);
      await fill("cleo");
      expect(await kept("cleo")).toBeLessThanOrEqual(OWN + 1);
    });
  });
}
