import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MatchId, SessionId } from "../../src/core/ids.js";
import { limits } from "../../src/core/limits.js";
import { candidate, Stage, type Stores } from "./stage.js";

/** Beyond the own bytes of mailboxes: room for one of them to be full. */
const POOL = limits.mailboxBytes - limits.mailboxOwnBytes;
/** Of the signals that fill mailboxes. */
const CHARACTERS = 4 * 1024;
/** So many of them fill a mailbox, and its own bytes, or nearly: each takes some bytes more. */
const FULL = Math.floor(limits.mailboxBytes / (CHARACTERS + 200));
const OWN = Math.floor(limits.mailboxOwnBytes / (CHARACTERS + 200));

/** What every mailbox must do. `create` makes fresh, empty stores. */
export function mailboxContract(create: (mailPoolBytes?: number) => Promise<Stores>): void {
  let stage: Stage;
  let matchId: MatchId;
  beforeEach(async () => {
    stage = new Stage(await create());
    await stage.enter("ann", "bob");
    matchId = await stage.couple("ann", "bob");
  });
  afterEach(() => stage.stores.close());

  /** Ann sends bob this many signals of that many characters. */
  async function send(count: number, characters = 10): Promise<void> {
    for (let sequence = 1; sequence <= count; sequence++) {
      await stage.relay("ann", matchId, sequence, candidate("x".repeat(characters)));
    }
  }

  it("numbers events from 1 without gaps", async () => {
    await send(5);
    const mail = await stage.read("bob");
    const sequences = mail.state === "events" ? mail.events.map(({ sequence }) => sequence) : [];
    expect(sequences).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("reads after a sequence, as often as asked", async () => {
    await send(3);
    const mail = await stage.read("bob", 3);
    expect(mail).toMatchObject({ state: "events", events: [{ sequence: 4 }] });
    expect(await stage.read("bob", 3)).toEqual(mail);
    expect(await stage.read("bob", 4)).toEqual({ state: "events", events: [] });
  });

  it("resumes exactly after the last event that was handled", async () => {
    await send(4);
    await stage.detach("bob");
    const back = await stage.attach("bob", { lastSequence: 2 });
    expect(back).toMatchObject({ resumed: true, lastSequence: 2 });
    expect(await stage.read("bob", 2)).toMatchObject({ events: [{ sequence: 3 }, { sequence: 4 }, { sequence: 5 }] });
  });

  it("does not resume from another epoch, and says where things stand", async () => {
    await send(2);
    const back = await stage.attach("bob", { epoch: "another", lastSequence: 1 });
    expect(back).toMatchObject({ resumed: false, lastSequence: 3, snapshot: { state: "matched", matchId } });
    expect(await stage.read("bob", back.lastSequence)).toEqual({ state: "events", events: [] });
  });

  it("begins a new epoch when the client knows more than the store", async () => {
    const { epoch } = stage.attachment("bob");
    const back = await stage.attach("bob", { lastSequence: 99 });
    expect(back.resumed).toBe(false);
    expect(back.lastSequence).toBe(0);
    expect(back.epoch).not.toBe(epoch);
    await send(1);
    expect(await stage.read("bob", 0)).toMatchObject({ events: [{ sequence: 1, event: { type: "signaled" } }] });
  });

  it("keeps no more events than it may, and says that some are missing", async () => {
    await send(limits.mailboxEvents + 5);
    expect(await stage.read("bob", 0)).toEqual({ state: "gap" });
    const oldest = 1 + limits.mailboxEvents + 5 - limits.mailboxEvents;
    const mail = await stage.read("bob", oldest);
    expect(mail.state === "events" && mail.events.length).toBe(limits.mailboxEvents);
    const back = await stage.attach("bob", { lastSequence: oldest - 1 });
    expect(back.resumed).toBe(false);
  });

  it("keeps no more bytes than it may", async () => {
    await send(100, limits.mailboxBytes / 50);
    expect(await stage.read("bob", 0)).toEqual({ state: "gap" });
    const mail = await stage.read("bob", 60);
    expect(mail.state === "events" && mail.events.length).toBe(41);
  });

  it("forgets old events when told to", async () => {
    await send(2);
    await stage.pass(1000);
    const { nowMs } = stage;
    await stage.relay("ann", matchId, 3, candidate("new"));
    await stage.stores.mailbox.trim("bob" as SessionId, nowMs);
    expect(await stage.read("bob", 2)).toEqual({ state: "gap" });
    expect(await stage.read("bob", 3)).toMatchObject({ events: [{ sequence: 4 }] });
  });

  it("tells the older stream that it was replaced", async () => {
    const older = stage.attachment("bob");
    await stage.attach("bob");
    const position = { sessionId: "bob" as SessionId, generation: older.generation, epoch: older.epoch };
    expect(await stage.stores.mailbox.read({ ...position, afterSequence: 0 })).toEqual({ state: "replaced" });
  });

  it("wakes its watchers for a new event, a newer stream and the end of the session", async () => {
    let rung: (() => void) | undefined;
    const next = () => new Promise<void>((resolve) => (rung = resolve));
    const stop = stage.stores.mailbox.watch("bob" as SessionId, () => rung?.());
    let woken = next();
    await send(1);
    await woken;
    woken = next();
    await stage.attach("bob");
    await woken;
    await stage.detach("bob");
    woken = next();
    await stage.pass(60_000);
    await woken;
    expect(await stage.read("bob")).toEqual({ state: "closed", reason: "expired" });
    stop();
  });

  describe("of a pool that has room for one", () => {
    let small: Stage;
    beforeEach(async () => {
      small = new Stage(await create(POOL));
    });
    afterEach(() => small.stores.close());

    /** Fills the mailbox of somebody, whom another sends more than it can hold. */
    async function fill(name: string, count = FULL + 5): Promise<void> {
      await small.enter(name, `${name}-sender`);
      const match = await small.couple(name, `${name}-sender`, { languages: [name] });
      for (let sequence = 1; sequence <= count; sequence++) {
        await small.relay(`${name}-sender`, match, sequence, candidate("x".repeat(CHARACTERS)));
      }
    }

    /** How many of the newest events somebody's mailbox still holds. */
    async function kept(name: string): Promise<number> {
      for (let after = 0; ; after++) {
        const mail = await small.read(name, after);
        if (mail.state === "events") return mail.events.length;
        expect(mail).toEqual({ state: "gap" });
      }
    }

    it("keeps its own bytes and no more while the pool is used up, and snapshots make up for the rest", async () => {
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

    it("takes nothing from the pool for what fits into its own bytes", async () => {
      for (const name of ["ann", "bob", "cleo", "dan"]) await fill(name, OWN - 1);
      await fill("eve");
      expect(await kept("eve")).toBeGreaterThanOrEqual(FULL);
      expect(await kept("ann")).toBe(OWN + 1); // with the wait and the match
    });

    const endings: Record<string, () => Promise<unknown>> = {
      "is forgotten": () => small.stores.mailbox.trim("ann" as SessionId, small.nowMs + 1),
      "is dropped with its epoch": () => small.attach("ann", { lastSequence: 10_000 }),
      "belonged to a session that is over": async () => {
        await small.detach("ann");
        await small.pass(60_000);
      },
    };
    it.each(Object.entries(endings))("gives back what %s", async (_how, end) => {
      await fill("ann");
      await end();
      await fill("bob");
      expect(await kept("bob")).toBeGreaterThanOrEqual(FULL);
      await fill("cleo");
      expect(await kept("cleo")).toBeLessThanOrEqual(OWN + 1);
    });
  });
}
