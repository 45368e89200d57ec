import { expect } from "vitest";
import type { Event, SequencedEvent, Snapshot } from "../../src/core/event.js";
import type { MatchId } from "../../src/core/ids.js";
import type { Adapter } from "./world.js";
import type { Meeting, Person, Reference } from "./reference.js";

/** Sees what the real stores told, and compares it with what the reference expects. */
export class Witness {
  /** All meeting ids ever seen: none may come twice. */
  readonly #meetingIds = new Set<MatchId>();
  /** Since when two who fit both wait. */
  #fittingSince = new Map<string, number>();

  constructor(
    private readonly real: Adapter,
    private readonly reference: Reference,
    private readonly settlesMs: number,
  ) {}

  /** Reads what came, compares it with what must have come, and checks what must always hold. */
  async check(): Promise<void> {
    const came = new Map<Person, Event[]>();
    for (const person of this.reference.people.values()) came.set(person, await this.#read(person));
    this.#adoptTimedPairs(came);
    for (const [person, events] of came) {
      this.#nameMeeting(person, events);
    }
    for (const [person, events] of came) {
      const { expected } = person;
      person.expected = [];
      if (!person.alive) continue;
      const told = events.filter((event) => event.type !== "waiting");
      expect(told.map(plain), person.id).toEqual(expected.map((event) => plain(this.#withId(person, event, told))));
      if (person.ticket && !person.meeting && told.length > 0) expect(events.at(-1)?.type).toBe("waiting");
    }
    await this.#checkInvariants();
  }

  async #read(person: Person): Promise<Event[]> {
    const { id: sessionId, generation, epoch, lastSequence: afterSequence } = person;
    const mail = await this.real.mailbox.read({ sessionId, generation, epoch, afterSequence });
    if (!person.alive) {
      expect(mail.state).toBe("closed");
      return [];
    }
    expect(mail.state).toBe("events");
    const events: readonly SequencedEvent[] = mail.state === "events" ? mail.events : [];
    events.forEach(({ sequence }) => expect(sequence).toBe(++person.lastSequence));
    const older = await this.real.mailbox.read({ sessionId, generation: generation - 1, epoch, afterSequence });
    expect(older.state).toBe("replaced");
    return events.map(({ event }) => event);
  }

  /** Two whom the reference did not pair, a timer did: right if they were eligible; the reference follows. */
  #adoptTimedPairs(came: Map<Person, Event[]>): void {
    for (const [offerer, events] of came) {
      for (const event of events) {
        if (event.type !== "matched" || event.role !== "offerer" || !offerer.ticket) continue;
        const isTheirs = (one: Event) => one.type === "matched" && one.matchId === event.matchId;
        const found = [...came].find(([other, theirs]) => other !== offerer && theirs.some(isTheirs));
        const [answerer, theirs = []] = found ?? [];
        if (!answerer?.ticket) continue;
        expect(this.reference.eligible(offerer, answerer), "two were paired who do not fit").toBe(true);
        const told = theirs.find(isTheirs);
        this.reference.pair(offerer, answerer, told?.type === "matched" ? told.offer : undefined);
      }
    }
  }

  /** Meetings get their ids from the store; both sides must be told the same one, never used before. */
  #nameMeeting(person: Person, events: Event[]): void {
    const { meeting } = person;
    if (meeting?.id !== "") return;
    const matched = events.findLast((event) => event.type === "matched");
    if (matched === undefined) return;
    expect(this.#meetingIds.has(matched.matchId), "match ids are used once").toBe(false);
    this.#meetingIds.add(matched.matchId);
    meeting.id = matched.matchId;
  }

  #withId(person: Person, event: Event, told: Event[]): Event {
    if (!("matchId" in event) || event.matchId !== "") return event;
    const named = event.type === "matched" ? person.meeting?.id : undefined;
    const first = told.find((one) => one.type === event.type && "matchId" in one);
    const matchId = named ?? (first && "matchId" in first ? first.matchId : event.matchId);
    return { ...event, matchId };
  }

  compareSnapshot(person: Person, snapshot: Snapshot): void {
    const { meeting, ticket } = person;
    if (meeting) {
      expect(snapshot).toMatchObject({
        state: "matched",
        matchId: meeting.id,
        role: meeting.offerer === person ? "offerer" : "answerer",
        partnerPresent: this.reference.partnerOf(person).attached,
        clientSequence: meeting.sent.get(person) ?? 0,
      });
    } else if (ticket) expect(snapshot).toMatchObject({ state: "waiting", sinceMs: ticket.sinceMs });
    else expect(snapshot).toEqual({ state: "idle" });
  }

  async #checkInvariants(): Promise<void> {
    const { alive, meetings, nowMs } = this.reference;
    for (const { offerer, answerer } of meetings satisfies Meeting[]) {
      expect([offerer.meeting === answerer.meeting, offerer !== answerer]).toEqual([true, true]);
    }
    const fitting = alive.flatMap((a) =>
      alive.filter((b) => this.reference.eligible(a, b)).map((b) => `${a.id} ${b.id}`),
    );
    const since = (pair: string) => this.#fittingSince.get(pair) ?? nowMs;
    this.#fittingSince = new Map(fitting.map((pair) => [pair, since(pair)]));
    const tooLong = fitting.filter((pair) => this.settlesMs === 0 || nowMs - since(pair) > this.settlesMs);
    expect(tooLong, "two who fit both wait").toEqual([]);
    const waiting = alive.filter((person) => person.ticket && person.attached).length;
    expect(await this.real.lobby.count()).toEqual({ sessions: alive.length, waiting, matches: meetings.length });
    const waits = alive.flatMap(({ ticket, attached }) => (ticket && attached ? [nowMs - ticket.sinceMs] : []));
    const longest = Math.max(...waits, 0);
    expect(await this.real.lobby.waits({ nowMs })).toMatchObject({ count: waiting, p99Ms: longest });
  }
}

/** Without keys whose value is undefined. */
function plain(event: Event): unknown {
  return JSON.parse(JSON.stringify(event));
}
