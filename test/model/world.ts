import { expect } from "vitest";
import type { Event, Numbered, Snapshot } from "../../src/core/event.js";
import type { Epoch, MatchId, SessionId, TicketId } from "../../src/core/ids.js";
import { issueTicket, type Wish } from "../../src/core/ticket.js";
import type { Attachment, Lobby } from "../../src/ports/lobby.js";
import type { Mailbox } from "../../src/ports/mailbox.js";
import { sdp } from "../support/sdp.js";
import { type Meeting, type Person, Reference, timing } from "./reference.js";

export interface Adapter {
  lobby: Lobby;
  mailbox: Mailbox;
}

const offer = { type: "offer", sdp: sdp(), connectionId: "pc" } as const;

/** Runs each command on the real lobby and on the reference, and compares what they answer and tell. */
export class World {
  readonly reference = new Reference();
  #count = 0;
  /** All meeting ids ever seen: none may come twice. */
  readonly #meetingIds = new Set<MatchId>();

  constructor(private readonly real: Adapter) {}

  get nowMs(): number {
    return this.reference.nowMs;
  }

  async open(id: SessionId): Promise<void> {
    const known = this.reference.people.get(id);
    if (known) return;
    const epoch = `epoch-${String(this.#count++)}` as Epoch;
    const opened = await this.real.lobby.open({ sessionId: id, epoch, nowMs: this.nowMs, maxSessions: 100 });
    expect(opened).toMatchObject({ state: "attached", generation: 1, epoch, lastSequence: 0, resumed: false });
    this.reference.people.set(id, {
      ...{ id, alive: true, attached: true, generation: 1, epoch, awayUntilMs: 0, lastSequence: 0 },
      ...{ ticket: undefined, meeting: undefined, avoided: new Map(), past: new Map(), expected: [], order: 0 },
    });
    await this.check();
  }

  async attach(id: SessionId, knows: "everything" | "half" | "another_epoch" | "too_much"): Promise<void> {
    const person = this.reference.person(id);
    const last = person?.lastSequence ?? 0;
    const lastSequence = { everything: last, half: last >> 1, another_epoch: last, too_much: last + 3 }[knows];
    const epoch = knows === "another_epoch" ? ("elsewhere" as Epoch) : (person?.epoch ?? ("none" as Epoch));
    const newEpoch = `epoch-${String(this.#count++)}` as Epoch;
    const stream = { sessionId: id, epoch, lastSequence, newEpoch, nowMs: this.nowMs };
    const answer = await this.real.lobby.attach(stream);
    if (!person) {
      expect(answer).toEqual({ state: "unknown" });
      return this.check();
    }
    const resumed = knows === "everything" || knows === "half";
    const wasAway = !person.attached;
    person.generation++;
    if (knows === "too_much") Object.assign(person, { epoch: newEpoch, lastSequence: 0 });
    expect(answer).toMatchObject({ state: "attached", generation: person.generation, epoch: person.epoch, resumed });
    const attachment = answer as Attachment;
    expect(attachment.lastSequence).toBe(resumed ? lastSequence : person.lastSequence);
    this.#compareSnapshot(person, attachment.snapshot);
    person.attached = true;
    if (wasAway) {
      if (person.meeting) {
        const { id: matchId } = person.meeting;
        this.reference.partnerOf(person).expected.push({ type: "partner_back", matchId });
      } else if (person.ticket) this.reference.seek(person);
    }
    return this.check();
  }

  async detach(id: SessionId, generation: "newest" | "older"): Promise<void> {
    const person = this.reference.people.get(id);
    if (!person) return;
    const awayUntilMs = this.nowMs + timing.windowMs;
    const stream = { sessionId: id, awayUntilMs, nowMs: this.nowMs };
    await this.real.lobby.detach({ ...stream, generation: person.generation - (generation === "older" ? 1 : 0) });
    if (person.alive && person.attached && generation === "newest") {
      Object.assign(person, { attached: false, awayUntilMs });
      if (person.meeting) {
        const away: Event = { type: "partner_away", matchId: person.meeting.id, deadlineMs: awayUntilMs };
        this.reference.partnerOf(person).expected.push(away);
      }
    }
    await this.check();
  }

  async match(id: SessionId, wish: Wish, withOffer: boolean, leaves: "nothing" | "current" | "older"): Promise<void> {
    const person = this.reference.person(id);
    const current = person?.meeting?.id;
    const older = [...(person?.past.keys() ?? [])].at(-1) ?? ("older" as MatchId);
    const leaveMatchId = { nothing: undefined, current, older }[leaves];
    const ticket = issueTicket(`t${String(this.#count++)}` as TicketId, id, wish, this.nowMs, timing.widenMs);
    const command = { ticket, offer: withOffer ? offer : undefined, leaveMatchId, nowMs: this.nowMs };
    const answer = await this.real.lobby.match(command);
    if (!person) {
      expect(answer).toEqual({ state: "unknown" });
      return this.check();
    }
    if (person.meeting) {
      if (leaveMatchId !== current) {
        expect(answer).toEqual({ state: "in_match" });
        return this.check();
      }
      this.reference.end(person, "skipped", () => {
        this.reference.enqueue(person, ticket, withOffer ? offer : undefined);
      });
      return this.#expectPairing(person, answer);
    }
    const waiting = person.ticket;
    if (waiting) {
      const sameInterests = String(waiting.preferences.interests) === String(ticket.preferences.interests);
      const same =
        sameInterests &&
        JSON.stringify([waiting.preferences, waiting.rematch]) === JSON.stringify([ticket.preferences, ticket.rematch]);
      ticket.sinceMs = waiting.sinceMs;
      if (sameInterests) ticket.widenAtMs = waiting.widenAtMs;
      if (!same) this.reference.enqueue(person, ticket, withOffer ? offer : undefined);
    } else this.reference.enqueue(person, ticket, withOffer ? offer : undefined);
    return this.#expectPairing(person, answer);
  }

  async leave(id: SessionId): Promise<void> {
    const person = this.reference.person(id);
    const answer = await this.real.lobby.leave({ sessionId: id, nowMs: this.nowMs });
    expect(answer).toEqual({ state: person ? "idle" : "unknown" });
    if (person?.meeting) this.reference.end(person, "left");
    if (person) person.ticket = undefined;
    await this.check();
  }

  async send(
    id: SessionId,
    where: "current" | "older" | "foreign",
    which: "next" | "again" | "skipped",
  ): Promise<void> {
    const person = this.reference.person(id);
    const meeting = person?.meeting;
    const foreign = this.reference.meetings.find((one) => one !== meeting)?.id;
    const older = [...(person?.past.keys() ?? [])].at(-1);
    const matchId = { current: meeting?.id, older, foreign }[where] ?? ("none" as MatchId);
    const taken = (person && meeting?.sent.get(person)) ?? 0;
    const clientSequence = taken + { next: 1, again: 0, skipped: 2 }[which];
    if (clientSequence === 0) return;
    const signals = [{ kind: "candidate", candidate: `c${String(this.#count++)}` }] as const;
    const answer = await this.real.lobby.relay({ sessionId: id, matchId, clientSequence, signals, nowMs: this.nowMs });
    if (!person) expect(answer).toEqual({ state: "unknown" });
    else if (!meeting || where !== "current") expect(answer).toEqual({ state: "over" });
    else if (which === "again") expect(answer).toEqual({ state: "repeated" });
    else if (which === "skipped") expect(answer).toEqual({ state: "gap", expected: taken + 1 });
    else {
      expect(answer).toEqual({ state: "relayed" });
      meeting.sent.set(person, clientSequence);
      meeting.heard.add(person);
      const { relayOnly } = meeting;
      this.reference.partnerOf(person).expected.push({ type: "signaled", matchId, relayOnly, signals });
    }
    await this.check();
  }

  async report(id: SessionId, which: "current" | "latest" | "first" | "foreign"): Promise<void> {
    const person = this.reference.person(id);
    const past = [...(person?.past.keys() ?? [])];
    const foreign = this.reference.meetings.find((one) => one !== person?.meeting)?.id;
    const matchId = { current: person?.meeting?.id, latest: past.at(-1), first: past[0], foreign }[which];
    if (matchId === undefined) return;
    const answer = await this.real.lobby.report({ sessionId: id, matchId, nowMs: this.nowMs });
    if (!person) expect(answer).toEqual({ state: "unknown" });
    else this.#expectReport(person, matchId, answer);
    await this.check();
  }

  /** Lets time pass, stopping at everything that is due on the way. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const { nextMs } = await this.real.lobby.expire({ nowMs: this.nowMs, limit: 1000 });
      this.reference.expire();
      await this.check();
      if (nextMs === undefined || nextMs >= untilMs) break;
      this.reference.nowMs = Math.max(nextMs, this.nowMs);
    }
    this.reference.nowMs = untilMs;
    await this.real.lobby.expire({ nowMs: untilMs, limit: 1000 });
    this.reference.expire();
    await this.check();
  }

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
    const events: readonly Numbered[] = mail.state === "events" ? mail.events : [];
    events.forEach(({ sequence }) => expect(sequence).toBe(++person.lastSequence));
    const older = await this.real.mailbox.read({ sessionId, generation: generation - 1, epoch, afterSequence });
    expect(older.state).toBe("replaced");
    return events.map(({ event }) => event);
  }

  /** Two whose timer paired them: right if they were eligible; the reference follows. */
  #adoptTimedPairs(came: Map<Person, Event[]>): void {
    for (const [offerer, events] of came) {
      for (const event of events) {
        if (event.type !== "matched" || event.role !== "offerer" || !offerer.ticket) continue;
        const answerer = [...came].find(
          ([other, theirs]) =>
            other !== offerer && theirs.some((one) => one.type === "matched" && one.matchId === event.matchId),
        )?.[0];
        if (!answerer?.ticket) continue;
        expect(this.reference.eligible(offerer, answerer), "a timer paired two who do not fit").toBe(true);
        this.reference.pair(offerer, answerer);
      }
    }
  }

  /** Meetings get their ids from the store; both sides must be told the same one, never used before. */
  #nameMeeting(person: Person, events: Event[]): void {
    const { meeting } = person;
    if (!meeting || meeting.id !== "") return;
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

  async #expectPairing(person: Person, answer: Awaited<ReturnType<Lobby["match"]>>): Promise<void> {
    await this.check();
    const { meeting } = person;
    expect(answer).toEqual(meeting ? { state: "matched", matchId: meeting.id } : { state: "waiting" });
  }

  #expectReport(person: Person, matchId: MatchId, answer: Awaited<ReturnType<Lobby["report"]>>): void {
    const past = person.past.get(matchId);
    const recent = past && this.nowMs - past.endMs <= timing.reportMs ? past : undefined;
    const partner = person.meeting?.id === matchId ? this.reference.partnerOf(person) : recent?.partner;
    if (!partner) {
      expect(answer).toEqual({ state: "over" });
      return;
    }
    expect(answer).toEqual({ state: recent?.reported ? "repeated" : "reported", partnerId: partner.id });
    if (recent?.reported) return;
    if (recent) recent.reported = true;
    if (person.meeting && this.reference.partnerOf(person) === partner) this.reference.end(person, "reported");
    person.avoided.set(partner.id, Infinity);
    partner.avoided.set(person.id, Infinity);
  }

  #compareSnapshot(person: Person, snapshot: Snapshot): void {
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
    const { alive, meetings } = this.reference;
    for (const { offerer, answerer } of meetings satisfies Meeting[]) {
      expect([offerer.meeting === answerer.meeting, offerer !== answerer]).toEqual([true, true]);
    }
    const left = alive.flatMap((a) => alive.filter((b) => this.reference.eligible(a, b)).map((b) => [a.id, b.id]));
    expect(left, "two who fit both wait").toEqual([]);
    const waiting = alive.filter((person) => person.ticket && person.attached).length;
    expect(await this.real.lobby.count()).toEqual({ sessions: alive.length, waiting, matches: meetings.length });
  }
}

/** Without keys whose value is undefined. */
function plain(event: Event): unknown {
  return JSON.parse(JSON.stringify(event));
}
