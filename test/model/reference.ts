import type { Event } from "../../src/core/event.js";
import type { Epoch, MatchId, SessionId } from "../../src/core/ids.js";
import type { Ticket } from "../../src/core/ticket.js";

/** Deadlines the tests run with, in milliseconds. */
export const timing = {
  handshakeMs: 19_200,
  windowMs: 59_200,
  reloadMs: 4_720,
  widenMs: 4_800,
  avoidMs: 60_000,
  reportMs: 600_000,
};

/** Searches that see hardly anybody at a time, and by when the five of a model have all seen each other twice. */
export const narrow = { bounds: { visits: 1, places: 8, lookPlaces: 4, stepPlaces: 16 }, settlesMs: 5_000 };

export interface Meeting {
  id: MatchId;
  offerer: Person;
  answerer: Person;
  /** Who made an offer, and whether any was answered by the other. */
  offered: Set<Person>;
  answered: boolean;
  sent: Map<Person, number>;
  startMs: number;
  deadlineMs: number;
  /** Breaks ties between equal deadlines: what began first. */
  order: number;
  tickets: Map<Person, Ticket>;
  relayOnly: boolean;
}

/** What is expected of one session. */
export interface Person {
  id: SessionId;
  alive: boolean;
  attached: boolean;
  generation: number;
  epoch: Epoch;
  awayUntilMs: number;
  ticket: Ticket | undefined;
  meeting: Meeting | undefined;
  avoided: Map<SessionId, number>;
  past: Map<MatchId, { partner: Person; startMs: number; endMs: number; reported: boolean; answered: boolean }>;
  /** Events that must have been appended in the present step, `waiting` aside. */
  expected: Event[];
  lastSequence: number;
  /** Breaks ties between equal waits: who was queued first. */
  order: number;
  /** Matches in a row in which an offer came and nobody answered. */
  unanswered: number;
}

/**
 * The rules said the plain way: lists, searched from end to end. It shares no code with what it checks. Where several
 * pairings are right (two people whose timers fire at once), it takes over the one it sees and checks that it is right.
 */
export class Reference {
  readonly people = new Map<SessionId, Person>();
  /** Whether searches see everyone at once. Else it is left to the store who is found when, as long as the two fit. */
  seesAll = true;
  nowMs = 1_000_000;
  #order = 0;

  person(id: SessionId): Person | undefined {
    const person = this.people.get(id);
    return person?.alive ? person : undefined;
  }

  get alive(): Person[] {
    return [...this.people.values()].filter((person) => person.alive);
  }

  get meetings(): Meeting[] {
    return [...new Set(this.alive.flatMap((person) => person.meeting ?? []))];
  }

  eligible(a: Person, b: Person): boolean {
    if (a === b || !a.ticket || !b.ticket || !a.attached || !b.attached) return false;
    if ((a.avoided.get(b.id) ?? 0) > this.nowMs || (b.avoided.get(a.id) ?? 0) > this.nowMs) return false;
    const [la, lb] = [a.ticket.preferences.languages, b.ticket.preferences.languages];
    if (la.length > 0 && lb.length > 0 && !la.some((language) => lb.includes(language))) return false;
    return this.shared(a, b).length > 0 || (this.#open(a.ticket) && this.#open(b.ticket));
  }

  shared(a: Person, b: Person): string[] {
    const theirs = b.ticket?.preferences.interests ?? [];
    return (a.ticket?.preferences.interests ?? []).filter((interest) => theirs.includes(interest));
  }

  /** Who must be found: somebody with a shared interest before anyone, the longest wait first. */
  longestWaiting(seeker: Person): Person | undefined {
    const fitting = this.alive.filter((other) => this.eligible(seeker, other));
    const sharing = fitting.filter((other) => this.shared(seeker, other).length > 0);
    const pool = sharing.length > 0 ? sharing : fitting;
    return pool.sort((a, b) => (a.ticket?.sinceMs ?? 0) - (b.ticket?.sinceMs ?? 0) || a.order - b.order)[0];
  }

  enqueue(person: Person, ticket: Ticket, offer?: { sdp: string }): void {
    person.ticket = ticket;
    person.order = this.#order++;
    this.seek(person, offer);
  }

  /** Pairs one who waits, if somebody fits. */
  seek(person: Person, offer?: { sdp: string }): void {
    const partner = person.attached && this.seesAll ? this.longestWaiting(person) : undefined;
    if (partner) this.pair(person, partner, offer);
  }

  pair(offerer: Person, answerer: Person, offer?: { sdp: string }): void {
    if (!offerer.ticket || !answerer.ticket) throw new Error("nobody is paired without a ticket");
    const relayOnly = offerer.ticket.preferences.relayOnly || answerer.ticket.preferences.relayOnly;
    const tickets = new Map([
      [answerer, answerer.ticket],
      [offerer, offerer.ticket],
    ]);
    const meeting: Meeting = {
      id: "" as MatchId,
      offerer,
      answerer,
      offered: new Set(offer ? [offerer] : []),
      answered: false,
      sent: new Map(),
      startMs: this.nowMs,
      deadlineMs: this.nowMs + timing.handshakeMs,
      order: this.#order++,
      tickets,
      relayOnly,
    };
    const sharedInterests = this.shared(offerer, answerer);
    for (const [person, role] of [
      [offerer, "offerer"],
      [answerer, "answerer"],
    ] as const) {
      const theOffer = role === "answerer" && offer ? { offer } : {};
      person.expected.push({
        ...{ type: "matched", matchId: meeting.id, role, sharedInterests, relayOnly },
        ...theOffer,
        sinceMs: person.ticket?.sinceMs,
      } as Event);
      person.meeting = meeting;
      person.ticket = undefined;
    }
  }

  partnerOf(person: Person): Person {
    if (!person.meeting) throw new Error("no meeting");
    return person.meeting.offerer === person ? person.meeting.answerer : person.meeting.offerer;
  }

  /** Somebody sends descriptions: an answer counts when there was something to answer before. */
  hear(person: Person, what: "candidates" | "offer" | "answer" | "both"): void {
    const { meeting } = person;
    if (!meeting) throw new Error("no meeting");
    const answers = what === "answer" || what === "both";
    if (answers && meeting.offered.has(this.partnerOf(person))) {
      meeting.answered = true;
      for (const one of [person, this.partnerOf(person)]) one.unanswered = 0;
    }
    if (what === "offer" || what === "both") meeting.offered.add(person);
  }

  end(
    person: Person,
    why: "left" | "skipped" | "lost" | "unresponsive" | "reported" | "banned",
    before?: () => void,
  ): void {
    const { meeting } = person;
    if (!meeting) return;
    const partner = this.#part(person, why);
    const told = {
      left: ["left", "partner_left"],
      skipped: ["left", "partner_skipped"],
      lost: ["left", "partner_lost"],
      unresponsive: ["unresponsive", "partner_unresponsive"],
      reported: ["reported", "partner_left"],
      banned: ["banned", "banned"],
    } as const;
    const ticket = meeting.tickets.get(partner);
    if (!ticket) throw new Error("a partner without a ticket");
    const requeued = why === "unresponsive" || ticket.rematch;
    const matchId = meeting.id;
    person.expected.push({ type: "match_ended", matchId, reason: told[why][0], requeued: false });
    partner.expected.push({ type: "match_ended", matchId, reason: told[why][1], requeued });
    before?.();
    if (!requeued) return;
    const anew = { ...ticket, sinceMs: this.nowMs, widenAtMs: this.nowMs + timing.widenMs };
    this.enqueue(partner, why === "unresponsive" ? ticket : anew);
  }

  close(person: Person, why: "lost" | "banned" = "lost"): void {
    if (person.meeting) this.end(person, why);
    person.ticket = undefined;
    person.alive = false;
  }

  /** What is due by now, in order of dates. */
  expire(): void {
    for (;;) {
      const away = this.alive.filter((person) => !person.attached && person.awayUntilMs <= this.nowMs);
      const unheard = this.meetings.filter(({ deadlineMs, answered }) => !answered && deadlineMs <= this.nowMs);
      unheard.sort((a, b) => a.order - b.order);
      const dates = [
        ...away.map((person) => ({ atMs: person.awayUntilMs, run: () => this.close(person) })),
        ...unheard.map((meeting) => ({ atMs: meeting.deadlineMs, run: () => this.#silence(meeting) })),
      ].sort((a, b) => a.atMs - b.atMs);
      if (dates[0] === undefined) return;
      dates[0].run();
    }
  }

  /** The offerer offers: without its offer it is at fault. With it nobody is, unless that happens to them again and again. */
  #silence(meeting: Meeting): void {
    const { offerer, answerer, offered, tickets } = meeting;
    if (!offered.has(offerer)) {
      this.end(offerer, "unresponsive");
      return;
    }
    this.#part(answerer, "unresponsive");
    const back = [answerer, offerer].filter((person) => {
      const requeued = ++person.unanswered < 3;
      const reason = person === answerer ? "unresponsive" : "partner_unresponsive";
      person.expected.push({ type: "match_ended", matchId: meeting.id, reason, requeued });
      return requeued;
    });
    for (const [person, ticket] of tickets) if (back.includes(person)) this.enqueue(person, ticket);
  }

  /** The two are in no meeting any more and avoid each other. Returns the partner. */
  #part(person: Person, why: string): Person {
    const { meeting } = person;
    const partner = this.partnerOf(person);
    if (!meeting) return partner;
    const untilMs = why === "reported" || why === "banned" ? Infinity : this.nowMs + timing.avoidMs;
    for (const [a, b] of [
      [person, partner],
      [partner, person],
    ] as const) {
      a.meeting = undefined;
      a.avoided.set(b.id, Math.max(untilMs, a.avoided.get(b.id) ?? 0));
      const reported = why === "reported" && a === person;
      a.past.set(meeting.id, {
        partner: b,
        startMs: meeting.startMs,
        endMs: this.nowMs,
        reported,
        answered: meeting.answered,
      });
    }
    return partner;
  }

  #open(ticket: Ticket): boolean {
    return ticket.preferences.interests.length === 0 || ticket.widenAtMs <= this.nowMs;
  }
}
