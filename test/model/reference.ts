import type { Event } from "../../src/core/event.js";
import type { Epoch, MatchId, SessionId } from "../../src/core/ids.js";
import type { Ticket } from "../../src/core/ticket.js";
import type { Fitting } from "./fitting.js";

/** Deadlines of the tests, in milliseconds. */
export const timing = {
  handshakeMs: 19_200,
  windowMs: 59_200,
  reloadMs: 4_720,
  widenMs: 4_800,
  avoidMs: 60_000,
  reportMs: 600_000,
};

/** Bounds of searches with very few visits, and the time by which five sessions have visited each other twice. */
export const narrow = { bounds: { visits: 1, places: 8, lookPlaces: 4, stepPlaces: 16 }, settlesMs: 5_000 };

export interface Meeting {
  id: MatchId;
  offerer: ReferenceSession;
  answerer: ReferenceSession;
  /** The sides that made an offer, and whether one was answered. */
  offered: Set<ReferenceSession>;
  answered: boolean;
  sent: Map<ReferenceSession, number>;
  startMs: number;
  deadlineMs: number;
  /** Breaks ties between equal deadlines, in order of start. */
  order: number;
  tickets: Map<ReferenceSession, Ticket>;
  relayOnly: boolean;
}

/** The expected state of a session. */
export interface ReferenceSession {
  id: SessionId;
  alive: boolean;
  attached: boolean;
  generation: number;
  epoch: Epoch;
  awayUntilMs: number;
  ticket: Ticket | undefined;
  meeting: Meeting | undefined;
  avoided: Map<SessionId, number>;
  past: Map<
    MatchId,
    { partner: ReferenceSession; startMs: number; endMs: number; reported: boolean; answered: boolean }
  >;
  /** Events that must be appended in the current step, except `waiting`. */
  expected: Event[];
  lastSequence: number;
  /** Breaks ties between equal waits, in order of queueing. */
  order: number;
  /** Consecutive matches with an unanswered offer. */
  unanswered: number;
}

/**
 * A simple implementation of the rules with linear searches. It shares no code with the tested one. If several
 * pairings are correct (simultaneous timers), it adopts the observed one and checks it.
 */
export class Reference {
  readonly people = new Map<SessionId, ReferenceSession>();
  /** Whether searches visit all candidates at once. Otherwise, any compatible pairing is correct. */
  seesAll = true;
  nowMs = 1_000_000;
  #order = 0;

  constructor(readonly fitting: Fitting) {}

  person(id: SessionId): ReferenceSession | undefined {
    const person = this.people.get(id);
    return person?.alive ? person : undefined;
  }

  get alive(): ReferenceSession[] {
    return [...this.people.values()].filter((person) => person.alive);
  }

  get meetings(): Meeting[] {
    return [...new Set(this.alive.flatMap((person) => person.meeting ?? []))];
  }

  eligible(a: ReferenceSession, b: ReferenceSession): boolean {
    if (a === b || !a.ticket || !b.ticket || !a.attached || !b.attached) return false;
    if ((a.avoided.get(b.id) ?? 0) > this.nowMs || (b.avoided.get(a.id) ?? 0) > this.nowMs) return false;
    return this.fitting.fit(a.ticket, b.ticket, this.nowMs);
  }

  /**
   * The expected partner: for whom the fewest filters are left out, then by priority and wait, where each class of
   * priority counts as a time of waiting, then who came first.
   */
  firstFor(seeker: ReferenceSession): ReferenceSession | undefined {
    const candidates = this.alive.flatMap((other) => {
      if (!seeker.ticket || !other.ticket || !this.eligible(seeker, other)) return [];
      const { sinceMs, headStartMs } = other.ticket;
      const tier = this.fitting.tier(seeker.ticket, other.ticket, this.nowMs) ?? NaN;
      return [{ other, tier, waitedMs: this.nowMs - sinceMs + headStartMs }];
    });
    candidates.sort((a, b) => a.tier - b.tier || b.waitedMs - a.waitedMs || a.other.order - b.other.order);
    return candidates[0]?.other;
  }

  enqueue(person: ReferenceSession, ticket: Ticket, offer?: { sdp: string }): void {
    person.ticket = ticket;
    person.order = this.#order++;
    this.seek(person, offer);
  }

  /** Pairs a waiting session, if there is a compatible one. */
  seek(person: ReferenceSession, offer?: { sdp: string }): void {
    const partner = person.attached && this.seesAll ? this.firstFor(person) : undefined;
    if (partner) this.pair(person, partner, offer);
  }

  pair(offerer: ReferenceSession, answerer: ReferenceSession, offer?: { sdp: string }): void {
    if (!offerer.ticket || !answerer.ticket) throw new Error("a side has no ticket");
    const relayOnly = offerer.ticket.relayOnly || answerer.ticket.relayOnly;
    const { schema } = this.fitting;
    const [one, other] = [offerer.ticket, answerer.ticket];
    const sharedInterests = this.fitting.shared(one, other, "interests");
    const others = schema.attributes.flatMap(({ name, isShared }) => {
      const values = isShared && name !== "interests" ? this.fitting.shared(one, other, name) : [];
      return values.length > 0 ? [[name, values]] : [];
    });
    const sharedAttributes = others.length > 0 ? others : undefined;
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
    for (const [person, role] of [
      [offerer, "offerer"],
      [answerer, "answerer"],
    ] as const) {
      const theOffer = role === "answerer" && offer ? { offer } : {};
      person.expected.push({
        ...{ type: "matched", matchId: meeting.id, role, sharedInterests, sharedAttributes, relayOnly },
        ...theOffer,
        sinceMs: person.ticket?.sinceMs,
      } as Event);
      person.meeting = meeting;
      person.ticket = undefined;
    }
  }

  partnerOf(person: ReferenceSession): ReferenceSession {
    if (!person.meeting) throw new Error("there is no match");
    return person.meeting.offerer === person ? person.meeting.answerer : person.meeting.offerer;
  }

  /** Handles descriptions: an answer counts if there was an offer before. */
  hear(person: ReferenceSession, what: "candidates" | "offer" | "answer" | "both"): void {
    const { meeting } = person;
    if (!meeting) throw new Error("there is no match");
    const answers = what === "answer" || what === "both";
    if (answers && meeting.offered.has(this.partnerOf(person))) {
      meeting.answered = true;
      for (const one of [person, this.partnerOf(person)]) one.unanswered = 0;
    }
    if (what === "offer" || what === "both") meeting.offered.add(person);
  }

  end(
    person: ReferenceSession,
    why: "left" | "skipped" | "lost" | "unresponsive" | "reported" | "banned",
    before?: () => void,
  ): void {
    const { meeting } = person;
    if (!meeting) return;
    const partner = this.#part(person, why);
    const reasons = {
      left: ["left", "partner_left"],
      skipped: ["left", "partner_skipped"],
      lost: ["left", "partner_lost"],
      unresponsive: ["unresponsive", "partner_unresponsive"],
      reported: ["reported", "partner_left"],
      banned: ["banned", "banned"],
    } as const;
    const ticket = meeting.tickets.get(partner);
    if (!ticket) throw new Error("the partner has no ticket");
    const requeued = why === "unresponsive" || ticket.rematch;
    const matchId = meeting.id;
    person.expected.push({ type: "match_ended", matchId, reason: reasons[why][0], requeued: false });
    partner.expected.push({ type: "match_ended", matchId, reason: reasons[why][1], requeued });
    before?.();
    if (!requeued) return;
    const renewed = { ...ticket, sinceMs: this.nowMs, softSinceMs: this.nowMs };
    this.enqueue(partner, why === "unresponsive" ? ticket : renewed);
  }

  close(person: ReferenceSession, why: "lost" | "banned" = "lost"): void {
    if (person.meeting) this.end(person, why);
    person.ticket = undefined;
    person.alive = false;
  }

  /** Handles everything that is due, in order. */
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

  /** Ends an unanswered match. Without an offer, the offerer is at fault; with one neither is, unless repeated. */
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

  /** Ends the match, after which the two avoid each other. Returns the partner. */
  #part(person: ReferenceSession, why: string): ReferenceSession {
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
}
