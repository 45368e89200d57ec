import { expect } from "vitest";
import type { Event, SequencedEvent, Snapshot } from "../../src/core/event.js";
import { eventIdOf, spanOf } from "../../src/core/log-event.js";
import type { MatchId } from "../../src/core/ids.js";
import type { Adapter } from "./lobby-comparison.js";
import type { Meeting, ReferenceSession, Reference } from "./reference.js";

/** Compares the events of the real stores with those the reference expects. */
export class InvariantChecker {
  /** All match IDs so far: none may be used twice. */
  readonly #meetingIds = new Set<MatchId>();
  /** Since when two compatible sessions both wait. */
  #fittingSince = new Map<string, number>();

  constructor(
    private readonly real: Adapter,
    private readonly reference: Reference,
    private readonly settlesMs: number,
  ) {}

  /** What has begun and not ended in the log is what is open, in order, and nothing is there twice. */
  async checkLog(): Promise<void> {
    const log = await this.real.events();
    const ids = log.map(eventIdOf);
    expect(new Set(ids).size, "each event is in the log once").toBe(ids.length);
    const open = new Set<string>();
    for (const { event } of log) {
      const span = spanOf(event);
      if (span === undefined) continue;
      if (span.begins) open.add(span.id);
      else expect(open.delete(span.id), "an end follows its beginning").toBe(true);
    }
    const { alive, meetings } = this.reference;
    expect([...open].sort()).toEqual([...alive, ...meetings].map(({ id }): string => id).sort());
    const begun = log.filter(({ event }) => event.type === "match_began").length;
    expect(begun, "each match is in the log").toBe(this.#meetingIds.size);
  }

  /** Reads new events, compares them with the expected ones, and checks the invariants. */
  async check(): Promise<void> {
    const came = new Map<ReferenceSession, Event[]>();
    for (const person of this.reference.people.values()) came.set(person, await this.#read(person));
    this.#adoptTimedPairs(came);
    for (const [person, events] of came) {
      this.#nameMeeting(person, events);
    }
    for (const [person, events] of came) {
      const { expected } = person;
      person.expected = [];
      if (!person.alive) continue;
      const received = events.filter((event) => event.type !== "waiting");
      expect(received.map(plain), person.id).toEqual(
        expected.map((event) => plain(this.#withId(person, event, received))),
      );
      if (person.ticket && !person.meeting && received.length > 0) expect(events.at(-1)?.type).toBe("waiting");
    }
    await this.#checkInvariants();
  }

  async #read(person: ReferenceSession): Promise<Event[]> {
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

  /** Pairs made by a timer, which the reference does not predict. They must be eligible; the reference adopts them. */
  #adoptTimedPairs(came: Map<ReferenceSession, Event[]>): void {
    for (const [offerer, events] of came) {
      for (const event of events) {
        if (event.type !== "matched" || event.role !== "offerer" || !offerer.ticket) continue;
        const isTheirs = (one: Event) => one.type === "matched" && one.matchId === event.matchId;
        const found = [...came].find(([other, theirs]) => other !== offerer && theirs.some(isTheirs));
        const [answerer, theirs = []] = found ?? [];
        if (!answerer?.ticket) continue;
        expect(this.reference.eligible(offerer, answerer), "incompatible sessions were paired").toBe(true);
        const matched = theirs.find(isTheirs);
        this.reference.pair(offerer, answerer, matched?.type === "matched" ? matched.offer : undefined);
      }
    }
  }

  /** Matches get their IDs from the store. Both sides must receive the same one, and none may be used twice. */
  #nameMeeting(person: ReferenceSession, events: Event[]): void {
    const { meeting } = person;
    if (meeting?.id !== "") return;
    const matched = events.findLast((event) => event.type === "matched");
    if (matched === undefined) return;
    expect(this.#meetingIds.has(matched.matchId), "match ids are used once").toBe(false);
    this.#meetingIds.add(matched.matchId);
    meeting.id = matched.matchId;
  }

  #withId(person: ReferenceSession, event: Event, received: Event[]): Event {
    if (!("matchId" in event) || event.matchId !== "") return event;
    const named = event.type === "matched" ? person.meeting?.id : undefined;
    const first = received.find((one) => one.type === event.type && "matchId" in one);
    const matchId = named ?? (first && "matchId" in first ? first.matchId : event.matchId);
    return { ...event, matchId };
  }

  compareSnapshot(person: ReferenceSession, snapshot: Snapshot): void {
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
    expect(tooLong, "two compatible sessions both wait").toEqual([]);
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
